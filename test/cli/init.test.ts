/** `padmm init`: what it writes is what the schema says, with every option documented, and is read as it was meant. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRunConfig } from '../../lib/cli/readConfig.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { padmmHere } from '../support/inProcess.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const CASES = [
  ['digits', [], { kind: 'digits' }],
  ['mnist', [], { kind: 'mnist' }],
  ['imdb', [], { kind: 'imdb' }],
  [
    'text',
    ['--file', 'reviews.csv', '--test-file', 'held.csv'],
    { kind: 'text', file: 'reviews.csv', testFile: 'held.csv' },
  ],
  ['characters', ['--file', 'book.txt'], { kind: 'characters', file: 'book.txt' }],
  [
    'sequences',
    ['--file', 'x.csv', '--input-columns', 'a, b', '--target-columns', 'y', '--task', 'regression'],
    {
      kind: 'sequences',
      source: { format: 'csv', file: 'x.csv', inputColumns: ['a', 'b'], targetColumns: ['y'] },
      task: 'regression',
    },
  ],
  [
    'sequences',
    ['--file', 'x.npy', '--targets', 'y.npy', '--task', 'classification'],
    {
      kind: 'sequences',
      source: { format: 'npy', inputs: 'x.npy', targets: 'y.npy' },
      task: 'classification',
    },
  ],
] as const;

test('a case is there for every kind of dataset', () => {
  const kinds = runConfigSchema.shape.dataset.options.map(({ shape }) => shape.kind.value);
  expect(new Set(CASES.map(([kind]) => kind))).toEqual(new Set(kinds));
});

test.for(CASES)('a config for %s with %j is read as it was asked for', async ([kind, words, dataset]) => {
  const file = join(await temporaryDirectory(), 'run.jsonc');
  const asked = ['--dataset', kind, ...words, '--hidden-units', '24', '--rounds', '7', '--set', 'seed=3'];
  const outcome = await padmmHere(['init', file, ...asked, '--shards', '6', '--mode', 'async']);
  expect(outcome).toMatchObject({ exitCode: 0, stdout: `${file}\n` });
  const { $schema, solver, ...config } = await readRunConfig(file);
  expect($schema).toMatch(/examples\/run-config\.schema\.json$/);
  const { solver: _, ...expected } = runConfigSchema.parse({
    ...{ name: kind, dataset, shards: 6, seed: 3 },
    ...{ model: { hiddenUnits: 24 }, stop: { maxRounds: 7 }, consensus: { mode: 'async' } },
  });
  expect(config).toEqual(expected);
  expect(solver).toEqual({ ...runConfigSchema.shape.solver.parse(undefined), batchSize: solver.batchSize });
});

test('every option is in the file, with its documentation, and can be uncommented', async () => {
  const file = join(await temporaryDirectory(), 'run.jsonc');
  await padmmHere(['init', file, '--dataset', 'digits']);
  const text = await readFile(file, 'utf8');
  expect(text).toContain('  // N: parts of the training split, and subproblems a round.\n  "shards": 4,\n');
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  // Options whose default is a value, all of them uncommented: the same config.
  const uncommented = text.replace(/^(\s*)\/\/ ("\w+": [^<].*,)$/gm, '$1$2');
  expect(uncommented).not.toBe(text);
  const plain = await readRunConfig(file);
  await writeFile(file, uncommented);
  expect(await readRunConfig(file)).toEqual(plain);
});

test('what is missing, wrong or there already is refused, and nothing is written', async () => {
  const file = join(await temporaryDirectory(), 'run.jsonc');
  for (const [words, message] of [
    [[], 'expected --dataset KIND where there is no terminal to ask on'],
    [['--dataset', 'text'], 'expected --file FILE where there is no terminal'],
    [['--dataset', 'digits', '--set', 'shards=none'], 'init: shards: expected number'],
    [['--dataset', 'digits', '--name', 'Not So'], 'init: name: expected 1 to 40'],
  ] as const) {
    const outcome = await padmmHere(['init', file, ...words]);
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toContain(message);
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  }
  await writeFile(file, 'mine');
  const outcome = await padmmHere(['init', file, '--dataset', 'digits']);
  expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
  expect(outcome.stderr).toContain('expected a file that is not there yet, or --force');
  expect(await readFile(file, 'utf8')).toBe('mine');
  expect((await padmmHere(['init', file, '--dataset', 'digits', '--force'])).exitCode).toBe(0);
  expect((await readRunConfig(file)).name).toBe('digits');
});
