/** Reads samples to predict for, in the stored units of the dataset: pixels from 0 to 255 where it holds pixels. */
import { extname } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { decodeText, newDecoder, readMaybeGzipped } from '../data/files.ts';
import { decodeIdx } from '../data/idx.ts';
import { DataError } from '../errors.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import { describeRow, InputRows, rowLength, show } from './inputRows.ts';
import type { PredictionInputs } from './predict.ts';

const refuse = (path: string, field: string, expected: string, received: string, cause?: unknown): never => {
  throw new DataError(path, { field, expected, received }, { cause });
};

type Decode = (bytes: Uint8Array<ArrayBuffer>, path: string, shape: TaskShape) => PredictionInputs;

/** One sample in JSON: its numbers in one list, or a list of them for every step. */
function rowOfJson(value: unknown, { input, timeSteps }: TaskShape): readonly unknown[] | null {
  if (!Array.isArray(value)) return null;
  if (input.kind === 'oneHot' || !value.some(Array.isArray)) return value;
  const isStep = (step: unknown): boolean => Array.isArray(step) && step.length === input.features;
  return value.length === timeSteps && value.every(isStep) ? value.flat() : null;
}

/** JSON lines: one sample a line, its numbers in one list or in a list for every step. */
export const decodeJsonLines: Decode = (bytes, path, shape) => {
  const rows = new InputRows(shape, path);
  const lines = decodeText(newDecoder(), path, bytes).split('\n');
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const place = `line ${index + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      refuse(path, place, 'JSON', String(error), error);
    }
    const row = rowOfJson(value, shape);
    rows.add(row ?? refuse(path, place, `a list of ${describeRow(shape)}`, show(value)), place);
  });
  return rows.finish();
};

const decodeCsv: Decode = (bytes, path, shape) => {
  const rows = new InputRows(shape, path);
  const text = decodeText(newDecoder(), path, bytes);
  try {
    const records: string[][] = parse(text, { skipEmptyLines: true, relaxColumnCount: true, trim: true });
    records.forEach((record, index) => {
      // What is no number stays as it is, to be shown; so does an empty field, which Number would take for 0.
      const row = record.map((field) =>
        field === '' || Number.isNaN(Number(field)) ? field : Number(field),
      );
      rows.add(row, `record ${index + 1}`);
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    refuse(path, `line ${error.lines}`, 'comma-separated values', error.message, error);
  }
  return rows.finish();
};

const IDX_DIMENSIONS = 3;

const decodeIdxImages: Decode = (bytes, path, shape) => {
  if (shape.input.kind === 'oneHot') {
    refuse(path, 'name', 'one that ends in .jsonl or .csv, as the model takes token ids', 'an IDX file');
  }
  const { dimensions, data } = decodeIdx(bytes, path, 'images', IDX_DIMENSIONS);
  const [samples = 0, rows = 0, columns = 0] = dimensions;
  if (rows * columns !== rowLength(shape)) {
    refuse(path, 'dimensions', `${describeRow(shape)} an image`, `${rows} × ${columns} pixels`);
  }
  // A copy of its own: the file's other bytes need not be kept.
  return { inputs: Uint8Array.from(data), samples };
};

const DECODERS: ReadonlyMap<string, Decode> = new Map([
  ['.jsonl', decodeJsonLines],
  ['.ndjson', decodeJsonLines],
  ['.csv', decodeCsv],
  ['.idx', decodeIdxImages],
]);

/** The decoder that a file's name asks for; `t10k-images-idx3-ubyte` is how the files of MNIST are called. */
function decoderOf(path: string): Decode {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  const decode = name.endsWith('-ubyte') ? decodeIdxImages : DECODERS.get(extname(name));
  const known = `one that ends in ${[...DECODERS.keys()].join(', ')} or -ubyte, with or without .gz`;
  return decode ?? refuse(path, 'name', known, extname(path) || 'no ending');
}

/**
 * Reads samples from a file, plain or gzipped: JSON lines (one sample a line, its numbers in one list or in a list for
 * every step), CSV without a header (one sample a record), or IDX images of unsigned bytes.
 *
 * @throws DataError naming the file and line, with what was expected and what came, where the file cannot be read, is
 *   malformed, or holds samples that are not of the model's shape.
 */
export async function readInputs(path: string, shape: TaskShape): Promise<PredictionInputs> {
  const decode = decoderOf(path);
  return decode(await readMaybeGzipped(path), path, shape);
}
