import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../lib/errors.ts';
import { readInputs } from '../../lib/models/readInputs.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const dense: TaskShape = {
  timeSteps: 2,
  input: { kind: 'dense', features: 3, scale: 1 },
  target: { kind: 'classes', classes: 2 },
  readout: 'last',
};
const ids: TaskShape = { ...dense, input: { kind: 'oneHot', vocabulary: 5, padded: true } };

/** An IDX file of two images of bytes 0, 1, 2 … */
function idx(rows: number, columns: number): Uint8Array {
  const pixels = Uint8Array.from({ length: 2 * rows * columns }, (_, i) => i);
  return Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, rows, 0, 0, 0, columns, ...pixels]);
}

async function read(name: string, content: string | Uint8Array, shape: TaskShape) {
  const path = join(await temporaryDirectory(), name);
  await writeFile(path, content);
  return readInputs(path, { shape });
}

describe('readInputs', () => {
  test.each([
    ['a.jsonl', '[0, 1.5, 2, 3, 4, 5]\n\n[[6, 7, 8], [9, 10, 11]]\n'],
    ['a.csv', '0,1.5,2,3,4,5\n6, 7, 8, 9, 10, 11'],
    ['a.csv.gz', gzipSync('0,1.5,2,3,4,5\n6,7,8,9,10,1.1e1\n')],
  ])('reads numbers of %s', async (name, content) => {
    const { inputs, samples } = await read(name, content, dense);
    expect(samples).toBe(2);
    expect(inputs).toEqual(Float32Array.of(0, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
  });

  test.each(['images.idx', 't10k-images-idx3-ubyte', 't10k-images-idx3-ubyte.gz'])(
    'reads pixels of %s',
    async (name) => {
      const content = name.endsWith('.gz') ? gzipSync(idx(2, 3)) : idx(2, 3);
      const { inputs, samples } = await read(name, content, dense);
      expect(samples).toBe(2);
      expect(inputs).toEqual(Uint8Array.from({ length: 12 }, (_, i) => i));
    },
  );

  test('reads token ids', async () => {
    const { inputs } = await read('a.jsonl', '[0, 4]\n[3, 1]', ids);
    expect(inputs).toEqual(Int32Array.of(0, 4, 3, 1));
  });

  test.each([
    ['a.jsonl', '[1, 2, 3, 4, 5, 6]\n[1, 2]', dense, 'line 2: expected 6 numbers (2 steps of 3), received 2'],
    ['a.jsonl', '[1, 2, 3, 4, 5, null]', dense, 'line 1, number 6: expected a number that is finite'],
    ['a.jsonl', '[1, 2, 3, 4, 5, 1e40]', dense, 'received 1e+40'],
    ['a.jsonl', '[[1, 2], [3, 4], [5, 6]]', dense, 'line 1: expected a list of 6 numbers'],
    ['a.jsonl', '{"x": 1}', dense, 'line 1: expected a list of 6 numbers (2 steps of 3), received {"x":1}'],
    ['a.jsonl', '[1, 2', dense, 'line 1: expected JSON'],
    ['a.jsonl', '\n', dense, 'samples: expected at least one, received none'],
    ['a.jsonl', '[0, 5]', ids, 'line 1, number 2: expected an integer from 0 to 4, received 5'],
    ['a.jsonl', '[0, 1.5]', ids, 'received 1.5'],
    [
      'a.csv',
      '1,2,3,4,5,',
      dense,
      'record 1, number 6: expected a number that is finite as a 32-bit float, received ""',
    ],
    ['a.csv', '1,2,3,4,5,six', dense, 'received "six"'],
    ['a.csv', '"1,2', dense, 'expected comma-separated values'],
    [
      'a.idx',
      idx(3, 3),
      dense,
      'dimensions: expected 6 numbers (2 steps of 3) an image, received 3 × 3 pixels',
    ],
    ['a.idx', idx(2, 3).subarray(0, 20), dense, 'truncated'],
    ['a.idx', idx(1, 2), ids, 'expected one that ends in .jsonl or .csv'],
    ['a.dat', '', dense, 'name: expected one that ends in .txt, .jsonl, .ndjson, .csv, .idx or -ubyte'],
    ['a.txt', 'words', ids, 'file: expected 2 token ids: this model does not say how it reads text'],
    ['a.jsonl', '"words"', ids, 'line 1: expected 2 token ids: this model does not say how it reads text'],
  ] as const)('refuses %s holding %j', async (name, content, shape, message) => {
    const refused = read(name, content, shape);
    await expect(refused).rejects.toThrow(DataError);
    await expect(refused).rejects.toThrow(message);
  });

  test('says which file cannot be read', async () => {
    await expect(readInputs('/nowhere/a.csv', { shape: dense })).rejects.toThrow(
      /\/nowhere\/a.csv: file: expected/,
    );
  });
});
