import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import { DataError } from '../errors.ts';
import { readTextChunks } from './files.ts';
import type { LoadOptions } from './samples.ts';

/** One record of a table. */
export interface TableRecord {
  /** Number of the record's last line in the file, from 1. */
  readonly line: number;
  /** Text in CSV and TSV, any JSON value in JSONL. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const MAX_SHOWN_LENGTH = 60;

const refuse = (path: string, field: string, expected: string, received: string, cause?: unknown): never => {
  throw new DataError(path, { field, expected, received }, { cause });
};

async function* readDelimited(
  path: string,
  delimiter: string,
  options: LoadOptions,
): AsyncGenerator<TableRecord> {
  const text = Readable.from(readTextChunks(path, options));
  const parser = parse({ columns: true, delimiter, info: true, skipEmptyLines: true });
  text.once('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of text.pipe(parser) as AsyncIterable<{
      record: Record<string, string>;
      info: Info;
    }>) {
      yield { line: info.lines, fields: record };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    refuse(path, `line ${error.lines}`, 'a record of as many fields as the header', error.message, error);
  } finally {
    text.destroy();
  }
}

async function* readLines(path: string, options: LoadOptions): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of readTextChunks(path, options)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

function parseJson(path: string, line: number, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch (error) {
    refuse(path, `line ${line}`, 'a JSON object', `${error}`, error);
  }
  return refuse(path, `line ${line}`, 'a JSON object', text.slice(0, MAX_SHOWN_LENGTH));
}

async function* readJsonLines(path: string, options: LoadOptions): AsyncGenerator<TableRecord> {
  let line = 0;
  for await (const text of readLines(path, options)) {
    line += 1;
    if (text.trim() !== '') yield { line, fields: parseJson(path, line, text) };
  }
}

/**
 * Streams the records of a table: .csv and .tsv with a header (RFC 4180), .jsonl or .ndjson with one JSON object a line.
 *
 * @throws DataError naming the line where a record is malformed, and where the name ends otherwise.
 */
export function readRecords(path: string, options: LoadOptions): AsyncGenerator<TableRecord> {
  const extension = extname(path).toLowerCase();
  if (extension === '.csv') return readDelimited(path, ',', options);
  if (extension === '.tsv') return readDelimited(path, '\t', options);
  if (extension === '.jsonl' || extension === '.ndjson') return readJsonLines(path, options);
  return refuse(path, 'name', 'one that ends in .csv, .tsv, .jsonl or .ndjson', extension || 'no ending');
}

/** The value of a field. @throws DataError naming the line and the fields that there are. */
export function fieldOf(path: string, { line, fields }: TableRecord, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  return refuse(
    path,
    `line ${line}`,
    `a field "${name}"`,
    `only ${Object.keys(fields).join(', ') || 'none'}`,
  );
}

/** A field as text; numbers and booleans of JSON count as their text. @throws DataError where it is missing or empty. */
export function nameIn(path: string, record: TableRecord, name: string): string {
  const value = fieldOf(path, record, name);
  const isScalar = ['string', 'number', 'boolean'].includes(typeof value);
  const text = isScalar ? String(value).trim() : '';
  if (text !== '') return text;
  return refuse(path, `line ${record.line}, ${name}`, 'a name or number', JSON.stringify(value));
}

/** A field as document, empty or not. @throws DataError where it is missing or no text. */
export function textIn(path: string, record: TableRecord, name: string): string {
  const value = fieldOf(path, record, name);
  if (typeof value === 'string') return value;
  return refuse(path, `line ${record.line}, ${name}`, 'text', JSON.stringify(value));
}

/** A field as number. @throws DataError where it is missing, no number, or not finite as a 32-bit float. */
export function numberIn(path: string, record: TableRecord, name: string): number {
  const value = fieldOf(path, record, name);
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(Math.fround(number))) return number;
  const expected = 'a number that is finite as a 32-bit float';
  return refuse(path, `line ${record.line}, ${name}`, expected, JSON.stringify(value));
}
