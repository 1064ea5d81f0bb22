/**
 * Reads samples to predict for: raw text where the model takes text, else numbers in the stored units of the dataset, pixels
 * from 0 to 255 where it holds pixels.
 */
import { extname } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { decodeText, newDecoder, readMaybeGzipped } from '../data/files.ts';
import { decodeIdx } from '../data/idx.ts';
import { DataError } from '../errors.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import { type EncodeText, textEncoder } from './encodeText.ts';
import { describeRow, InputRows, rowLength, show } from './inputRows.ts';
import type { Model } from './model.ts';
import type { PredictionInputs } from './predict.ts';

/** What of a model says how inputs are read. */
export type InputModel = Pick<Model, 'shape' | 'source' | 'vocabulary'>;

const refuse = (path: string, field: string, expected: string, received: string, cause?: unknown): never => {
  throw new DataError(path, { field, expected, received }, { cause });
};

type Decode = (bytes: Uint8Array<ArrayBuffer>, path: string, model: InputModel) => PredictionInputs;

/** One sample in JSON: its numbers in one list, or a list of them for every step. */
function rowOfJson(value: unknown, { input, timeSteps }: TaskShape): readonly unknown[] | null {
  if (!Array.isArray(value)) return null;
  if (input.kind === 'oneHot' || !value.some(Array.isArray)) return value;
  const isStep = (step: unknown): boolean => Array.isArray(step) && step.length === input.features;
  return value.length === timeSteps && value.every(isStep) ? value.flat() : null;
}

/** Lines of a text; one that ends in a line break has no more line after it. */
const linesOf = (bytes: Uint8Array<ArrayBuffer>, path: string): string[] =>
  decodeText(newDecoder(), path, bytes)
    .replace(/\r?\n$/, '')
    .split(/\r?\n/);

function requireEncoder(model: InputModel, path: string, place: string): EncodeText {
  const encode = textEncoder(model);
  const expected = `${describeRow(model.shape)}: this model does not say how it reads text`;
  return encode ?? refuse(path, place, expected, 'text');
}

/** Raw text: one sample a line, an empty one too, so that answers stand in the order of lines. */
const decodeTextLines: Decode = (bytes, path, model) => {
  const rows = new InputRows(model.shape, path);
  const encode = requireEncoder(model, path, 'file');
  linesOf(bytes, path).forEach((line, index) => {
    const place = `line ${index + 1}`;
    rows.add(encode(line, path, place), place);
  });
  return rows.finish();
};

/** JSON lines: one sample a line, a text or its numbers in one list or in a list for every step. */
const decodeJsonLines: Decode = (bytes, path, model) => {
  const { shape } = model;
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
    const row =
      typeof value === 'string'
        ? requireEncoder(model, path, place)(value, path, place)
        : rowOfJson(value, shape);
    rows.add(row ?? refuse(path, place, `a list of ${describeRow(shape)}`, show(value)), place);
  });
  return rows.finish();
};

const decodeCsv: Decode = (bytes, path, { shape }) => {
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

const decodeIdxImages: Decode = (bytes, path, { shape }) => {
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

const DECODERS = {
  text: decodeTextLines,
  jsonl: decodeJsonLines,
  csv: decodeCsv,
  idx: decodeIdxImages,
} satisfies Record<string, Decode>;

/** How samples are written. */
export type InputFormat = keyof typeof DECODERS;
export const inputFormats = Object.keys(DECODERS) as InputFormat[];

const ENDINGS: ReadonlyMap<string, InputFormat> = new Map([
  ['.txt', 'text'],
  ['.jsonl', 'jsonl'],
  ['.ndjson', 'jsonl'],
  ['.csv', 'csv'],
  ['.idx', 'idx'],
]);

/** The format that a file's name tells; `t10k-images-idx3-ubyte` is how the files of MNIST are called. */
function formatOf(path: string): InputFormat {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  const format = name.endsWith('-ubyte') ? 'idx' : ENDINGS.get(extname(name));
  const known = `one that ends in ${[...ENDINGS.keys()].join(', ')} or -ubyte, with or without .gz, or a format`;
  return format ?? refuse(path, 'name', known, extname(path) || 'no ending');
}

/** The format of what has no name: raw text where the model takes it, else JSON lines. */
const namelessFormat = (model: InputModel): InputFormat => (textEncoder(model) === null ? 'jsonl' : 'text');

/**
 * Decodes samples: text (one sample a line), JSON lines (a text or numbers, in one list or in a list for every step), CSV
 * without a header (one sample a record), or IDX images of unsigned bytes.
 *
 * @param subject names the bytes in the message of an error.
 * @throws DataError naming the line, with what was expected and what came, where they are malformed, or hold samples that
 *   are not of the model's shape.
 */
export function decodeInputs(
  bytes: Uint8Array<ArrayBuffer>,
  subject: string,
  model: InputModel,
  format: InputFormat = namelessFormat(model),
): PredictionInputs {
  return DECODERS[format](bytes, subject, model);
}

/**
 * Reads samples from a file, plain or gzipped, as {@link decodeInputs} decodes them.
 *
 * @param format as the file's name says without.
 * @throws DataError where the file cannot be read, and as {@link decodeInputs}.
 */
export async function readInputs(
  path: string,
  model: InputModel,
  format: InputFormat = formatOf(path),
): Promise<PredictionInputs> {
  return decodeInputs(await readMaybeGzipped(path), path, model, format);
}
