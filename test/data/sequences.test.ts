import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConfigOf } from '../../lib/data/samples.ts';
import { loadSequences } from '../../lib/data/sequences.ts';
import { ConfigError, DataError } from '../../lib/errors.ts';
import { datasetSchema } from '../../lib/protocol/config.ts';
import { freshDirectory } from './idxFiles.ts';
import { npyBytes } from './npyFiles.ts';

async function load(files: Record<string, string | Uint8Array>, source: object, options: object = {}) {
  const directory = await freshDirectory();
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  const config = datasetSchema.parse({ kind: 'sequences', task: 'classification', source, ...options });
  return loadSequences(config as ConfigOf<'sequences'>, { directory });
}

const table = 'sample,x,y,class,value\na,1,2,cat,10\na,3,4,cat,20\nb,5,6,dog,30\nb,7,8,ant,40\n';
const csv = { format: 'csv', file: 'a.csv', testFile: 'b.csv', inputColumns: ['x', 'y'] };
const classes = { ...csv, targetColumns: ['class'] };
const both = { 'a.csv': table, 'b.csv': 'sample,x,y,class,value\nq,0,0,ant,1\nq,0,9,cat,2\n' };

describe('loadSequences from tables', () => {
  it('reads the class of a sample in its last line', async () => {
    const { shape, train, test, classNames } = await load(both, classes, { scale: 0.5 });
    expect(shape).toEqual({
      timeSteps: 2,
      input: { kind: 'dense', features: 2, scale: 0.5 },
      target: { kind: 'classes', classes: 2 },
      readout: 'last',
    });
    expect(classNames).toEqual(['ant', 'cat']);
    expect([...train.inputs]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...train.targets]).toEqual([1, 0]);
    expect([...test.inputs]).toEqual([0, 0, 0, 9]);
    expect([...test.targets]).toEqual([1]);
  });

  it('reads a class at every step', async () => {
    const { train, classNames } = await load(both, classes, { readout: 'every' });
    expect(classNames).toEqual(['ant', 'cat', 'dog']);
    expect([...train.targets]).toEqual([1, 1, 2, 0]);
  });

  it('reads values, at the last step and at every one', async () => {
    const source = { ...csv, targetColumns: ['value', 'x'] };
    const last = await load(both, source, { task: 'regression' });
    expect(last.shape.target).toEqual({ kind: 'values', size: 2 });
    expect([...last.train.targets]).toEqual([20, 3, 40, 7]);
    const every = await load(both, source, { task: 'regression', readout: 'every' });
    expect([...every.train.targets]).toEqual([10, 1, 20, 3, 30, 5, 40, 7]);
    expect([...every.test.targets]).toEqual([1, 0, 2, 0]);
  });

  it('holds a part out as test set where there is no test table', async () => {
    const lines = Array.from({ length: 20 }, (_, i) => `s${i >> 1},${i},${(i >> 1) % 2}`);
    const source = { format: 'csv', file: 'a.csv', inputColumns: ['x'], targetColumns: ['c'] };
    const { train, test } = await load({ 'a.csv': `sample,x,c\n${lines.join('\n')}` }, source);
    expect([train.count, test.count]).toEqual([9, 1]);
  });

  const bad = (content: string): Record<string, string> => ({ ...both, 'a.csv': content });
  it.each<[string, Record<string, string>, object, RegExp]>([
    [
      'samples of different lengths',
      bad(`${table}c,1,1,cat,1\n`),
      {},
      /a\.csv: line 6: expected 2 time steps of sample c, .* received 1/,
    ],
    [
      'a sample in two places',
      bad(`${table}a,1,1,cat,1\na,1,1,cat,1\n`),
      {},
      /line 6: expected no more lines of sample a/,
    ],
    [
      'a field that is no number',
      bad(table.replace('3,4', '3,-')),
      {},
      /line 3, y: expected a number .* received "-"/,
    ],
    [
      'a number that is not finite',
      bad(table.replace('3,4', '3,Infinity')),
      {},
      /line 3, y: expected a number/,
    ],
    [
      'a missing column',
      both,
      { source: { ...classes, inputColumns: ['z'] } },
      /line 2: expected a field "z"/,
    ],
    ['no samples', bad('sample,x,y,class\n'), {}, /a\.csv: records: expected at least 1, received none/],
    [
      'test sequences of another length',
      { ...both, 'b.csv': 'sample,x,y,class\nq,1,1,cat\n' },
      { readout: 'last' },
      /b\.csv: time steps: expected 2, as in .*a\.csv, received 1/,
    ],
  ])('refuses %s', async (_, files, options, message) => {
    const loading = load(files, classes, options);
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(message);
  });

  it('wants one column for the class', async () => {
    const loading = load(both, { ...csv, targetColumns: ['class', 'value'] });
    await expect(loading).rejects.toThrow(ConfigError);
    await expect(loading).rejects.toThrow(/dataset\.source\.targetColumns: expected the one column/);
  });
});

const six = Float32Array.of(1, 2, 3, 4, 5, 6);
const twelve = Float64Array.from({ length: 12 }, (_, i) => i);
const npy = { format: 'npy', inputs: 'x.npy', targets: 'y.npy' };
const withTest = { ...npy, test: { inputs: 'x.npy', targets: 'y.npy' } };

describe('loadSequences from arrays', () => {
  it('reads classes of sequences of one number a step', async () => {
    const files = {
      'x.npy': npyBytes('<f4', [3, 2], six),
      'y.npy': npyBytes('|u1', [3], Uint8Array.of(2, 0, 1)),
    };
    const { shape, train, test } = await load(files, withTest);
    expect(shape).toMatchObject({
      timeSteps: 2,
      input: { features: 1 },
      target: { kind: 'classes', classes: 3 },
    });
    expect([...train.inputs]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...train.targets]).toEqual([2, 0, 1]);
    expect(test.count).toBe(3);
  });

  it('reads values at every step', async () => {
    const files = { 'x.npy': npyBytes('<f8', [3, 2, 2], twelve), 'y.npy': npyBytes('<f4', [3, 2], six) };
    const options = { task: 'regression', readout: 'every' };
    const { shape, train } = await load(files, withTest, options);
    expect(shape).toMatchObject({ input: { features: 2 }, target: { kind: 'values', size: 1 } });
    expect(train.targets).toEqual(six);
    const wide = { ...files, 'y.npy': npyBytes('<f8', [3, 2, 2], twelve) };
    expect((await load(wide, withTest, options)).shape.target).toEqual({ kind: 'values', size: 2 });
  });

  it('holds a part out where there are no test arrays', async () => {
    const files = { 'x.npy': npyBytes('<f4', [6, 1], six), 'y.npy': npyBytes('<f4', [6], six) };
    const { train, test } = await load(files, npy, { task: 'regression' });
    expect([train.count, test.count]).toEqual([5, 1]);
    expect([...train.targets]).toEqual([...train.inputs]);
  });

  const labels = npyBytes('|u1', [3], Uint8Array.of(2, 0, 1));
  it.each<[string, Uint8Array, Uint8Array, object, RegExp]>([
    [
      'inputs without a time axis',
      npyBytes('<f4', [6], six),
      labels,
      {},
      /x\.npy: shape: expected \(samples, T\) or \(samples, T, n\).* received \(6\)/,
    ],
    [
      'fewer targets than inputs',
      npyBytes('<f4', [3, 2], six),
      npyBytes('|u1', [2], Uint8Array.of(0, 1)),
      {},
      /y\.npy: shape: expected \(3\), as .*x\.npy is \(3, 2\), received \(2\)/,
    ],
    [
      'classes at the last step where every one is asked for',
      npyBytes('<f4', [3, 2], six),
      labels,
      { readout: 'every' },
      /shape: expected \(3, 2\), .* received \(3\)/,
    ],
    [
      'several columns of classes',
      npyBytes('<f4', [3, 2], six),
      npyBytes('|u1', [3, 1], Uint8Array.of(0, 1, 1)),
      {},
      /shape: expected \(3\), .* received \(3, 1\)/,
    ],
    [
      'values for classes',
      npyBytes('<f4', [3, 2], six),
      npyBytes('<f4', [3], Float32Array.of(0, 1, 1)),
      {},
      /descr: expected integers/,
    ],
  ])('refuses %s', async (_, x, y, options, message) => {
    const loading = load({ 'x.npy': x, 'y.npy': y }, npy, options);
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(message);
  });

  it('refuses test arrays of another form or with classes that training lacks', async () => {
    const files = {
      'x.npy': npyBytes('<f4', [3, 2], six),
      'y.npy': labels,
      'wide.npy': npyBytes('<f8', [3, 2, 2], twelve),
      'more.npy': npyBytes('|u1', [3], Uint8Array.of(0, 1, 3)),
    };
    const testing = (inputs: string, targets: string) => load(files, { ...npy, test: { inputs, targets } });
    await expect(testing('wide.npy', 'y.npy')).rejects.toThrow(
      /wide\.npy: features: expected 1, as training has, received 2/,
    );
    await expect(testing('x.npy', 'more.npy')).rejects.toThrow(
      /more\.npy: element 2: expected 0 to 2, received 3/,
    );
  });
});
