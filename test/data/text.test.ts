import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConfigOf } from '../../lib/data/samples.ts';
import { loadText } from '../../lib/data/text.ts';
import { DataError } from '../../lib/errors.ts';
import { datasetSchema } from '../../lib/protocol/config.ts';
import { freshDirectory } from './idxFiles.ts';

const configOf = (options: object) =>
  datasetSchema.parse({ kind: 'text', timeSteps: 3, ...options }) as ConfigOf<'text'>;

async function load(files: Record<string, string>, options: object) {
  const directory = await freshDirectory();
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return loadText(configOf(options), { directory });
}

describe('loadText', () => {
  it('reads training and test tables, with classes and words of the training table', async () => {
    const { train, test, vocabulary, classNames, shape } = await load(
      {
        'a.csv': 'text,label\nred red rose,10\nblue sky,9\n"red, sky",9\n',
        'b.jsonl': '{"text": "red cat", "label": 10}',
      },
      { file: 'a.csv', testFile: 'b.jsonl' },
    );
    expect(classNames).toEqual(['9', '10']);
    expect(vocabulary).toEqual(['<padding>', '<unknown>', 'red', 'sky', 'blue', 'rose']);
    expect([...train.inputs]).toEqual([2, 2, 5, 0, 4, 3, 0, 2, 3]);
    expect([...train.targets]).toEqual([1, 0, 0]);
    expect([...test.inputs]).toEqual([0, 2, 1]);
    expect([...test.targets]).toEqual([1]);
    expect(shape).toMatchObject({ timeSteps: 3, target: { classes: 2 }, readout: 'last' });
  });

  it('holds a part out as test set where there is no test table', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `word${i},${i % 2 ? 'odd' : 'even'}`);
    const { train, test } = await load(
      { 'a.csv': `t,l\n${rows.join('\n')}` },
      { file: 'a.csv', textField: 't', labelField: 'l', testFraction: 0.25 },
    );
    expect([train.count, test.count]).toEqual([30, 10]);
    const words = new Set([...train.inputs, ...test.inputs].filter((id) => id > 1));
    expect(words.size).toBe(40);
  });

  it.each<[string, Record<string, string>, object, RegExp]>([
    [
      'a missing field',
      { 'a.csv': 'body,label\nx,1\n' },
      { file: 'a.csv' },
      /a\.csv: line 2: expected a field "text", received only body, label/,
    ],
    [
      'a label that is empty',
      { 'a.csv': 'text,label\nx,\n' },
      { file: 'a.csv' },
      /line 2, label: expected a name/,
    ],
    [
      'one class only',
      { 'a.csv': 'text,label\nx,1\ny,1\n' },
      { file: 'a.csv' },
      /labels: expected at least 2 classes, received 1/,
    ],
    [
      'no documents',
      { 'a.csv': 'text,label\n' },
      { file: 'a.csv' },
      /a\.csv: records: expected at least 1, received none/,
    ],
    [
      'a test label of no class',
      { 'a.csv': 'text,label\nx,1\ny,2\n', 'b.csv': 'text,label\nx,1\nz,3\n' },
      { file: 'a.csv', testFile: 'b.csv' },
      /b\.csv: line 3: expected a class of the training data, received 3/,
    ],
    [
      'an empty test table',
      { 'a.csv': 'text,label\nx,1\ny,2\n', 'b.csv': 'text,label\n' },
      { file: 'a.csv', testFile: 'b.csv' },
      /b\.csv: records: expected at least 1, received none/,
    ],
  ])('refuses %s', async (_, files, options, message) => {
    const loading = load(files, options);
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(message);
  });
});
