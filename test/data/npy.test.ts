import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNpyIds, readNpyValues } from '../../lib/data/npy.ts';
import { parseNpyHeader } from '../../lib/data/npyHeader.ts';
import { DataError } from '../../lib/errors.ts';
import { freshDirectory } from './idxFiles.ts';
import { npyBytes, npyWithHeader } from './npyFiles.ts';

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(await freshDirectory(), 'a.npy');
  await writeFile(path, bytes);
  return path;
}
const values = async (bytes: Uint8Array) => readNpyValues(await fileOf(bytes));
const ids = async (bytes: Uint8Array, limit = 100) => readNpyIds(await fileOf(bytes), limit);

describe('readNpyValues', () => {
  it.each<[string, ArrayBufferView, number[]]>([
    ['<f4', Float32Array.of(1.5, -2), [1.5, -2]],
    ['<f8', Float64Array.of(0.1, 1e30), [Math.fround(0.1), Math.fround(1e30)]],
    ['|u1', Uint8Array.of(0, 255), [0, 255]],
    ['|i1', Int8Array.of(-1, 127), [-1, 127]],
    ['|b1', Uint8Array.of(0, 1), [0, 1]],
    ['<u2', Uint16Array.of(1, 65535), [1, 65535]],
    ['<i2', Int16Array.of(-2, 3), [-2, 3]],
    ['<u4', Uint32Array.of(1, 2 ** 31), [1, 2 ** 31]],
    ['<i4', Int32Array.of(-5, 6), [-5, 6]],
    ['<u8', BigUint64Array.of(7n, 8n), [7, 8]],
    ['<i8', BigInt64Array.of(-7n, 8n), [-7, 8]],
  ])('reads %s', async (descr, data, expected) => {
    const array = await values(npyBytes(descr, [2], data));
    expect(array.shape).toEqual([2]);
    expect([...array.data]).toEqual(expected);
  });

  it('reads arrays of several chunks, and a single number', async () => {
    const data = Float64Array.from({ length: 300_000 }, (_, i) => i);
    const array = await values(npyBytes('<f8', [3, 100, 1000], data));
    expect(array.shape).toEqual([3, 100, 1000]);
    expect(array.data).toEqual(Float32Array.from(data));
    expect((await values(npyBytes('<f4', [], Float32Array.of(4)))).shape).toEqual([]);
  });

  const two = Float32Array.of(1, 2);
  it.each<[string, Uint8Array, RegExp]>([
    [
      'another format',
      Buffer.from('PK\u0003\u0004 a zip file'),
      /magic string: expected \\x93NUMPY, received "PK/,
    ],
    ['an empty file', new Uint8Array(), /magic string/],
    ['a version to come', npyBytes('<f4', [2], two).with(6, 4), /version: expected 1, 2 or 3, received 4/],
    [
      'a truncated file',
      npyBytes('<f4', [2], two).subarray(0, -1),
      /length: expected 136 bytes .* received 135/,
    ],
    ['trailing bytes', npyBytes('<f4', [1], two), /length: expected 132 bytes .* received 136/],
    ['Fortran order', npyBytes('<f4', [2], two, 'True'), /fortran_order: expected False/],
    ['big-endian numbers', npyBytes('>f4', [2], two), /descr: expected one of .* received >f4/],
    ['Python objects', npyBytes('|O', [1], two), /descr: expected one of/],
    [
      'a number that is not finite',
      npyBytes('<f4', [2], Float32Array.of(1, Number.NaN)),
      /element 1: expected a number that is finite .* received NaN/,
    ],
    [
      'a number beyond 32-bit floats',
      npyBytes('<f8', [1], Float64Array.of(1e300)),
      /element 0: .* received 1e\+300/,
    ],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(values(bytes)).rejects.toThrow(DataError);
    await expect(values(bytes)).rejects.toThrow(message);
  });
});

describe('readNpyIds', () => {
  it('reads integers, and refuses others', async () => {
    expect([...(await ids(npyBytes('<i8', [3], BigInt64Array.of(0n, 9n, 99n)))).data]).toEqual([0, 9, 99]);
    await expect(ids(npyBytes('<i4', [2], Int32Array.of(3, -1)))).rejects.toThrow(
      /element 1: expected 0 to 99, received -1/,
    );
    await expect(ids(npyBytes('|u1', [1], Uint8Array.of(100)))).rejects.toThrow(
      /element 0: expected 0 to 99, received 100/,
    );
    await expect(ids(npyBytes('<f4', [1], Float32Array.of(1)))).rejects.toThrow(
      /descr: expected integers, for class ids, received <f4/,
    );
  });
});

describe('parseNpyHeader', () => {
  it.each([
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", [2, 3]],
    ['{"shape":(7,),"descr":"<f4","fortran_order":False}', [7]],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': ()}  \n", []],
  ])('reads %s', (text, shape) => {
    expect(parseNpyHeader(text, 'f')).toEqual({ descr: '<f4', fortranOrder: false, shape });
  });

  it.each([
    '',
    '{}',
    "{'descr': '<f4', 'fortran_order': False}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': True}",
    "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
    "{'descr': __import__('os'), 'fortran_order': False, 'shape': (2,)}",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} + 1",
  ])('refuses %s', (text) => {
    expect(() => parseNpyHeader(text, 'f')).toThrow(/^f: header: expected a dict of 'descr'/);
  });

  it('is what readers use', async () => {
    const long = npyWithHeader(' '.repeat(20_000), new Uint8Array());
    await expect(values(long)).rejects.toThrow(/header length: expected at most 10000 bytes/);
    await expect(readNpyValues('/does/not/exist.npy')).rejects.toThrow(/exist\.npy: file: .*ENOENT/);
    await expect(values(npyWithHeader("{'descr': '<f4'}", new Uint8Array()))).rejects.toThrow(
      /a\.npy: header/,
    );
  });
});
