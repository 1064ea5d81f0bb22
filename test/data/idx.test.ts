import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeIdx, readIdx } from '../../lib/data/idx.ts';
import { DataError } from '../../lib/errors.ts';
import { freshDirectory, idxBytes } from './idxFiles.ts';

const cube = idxBytes([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

describe('decodeIdx', () => {
  it('gives dimensions and elements', () => {
    const { dimensions, data } = decodeIdx(cube, 'f', 'images', 3);
    expect(dimensions).toEqual([2, 2, 3]);
    expect([...data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it.each([
    ['labels given for images', idxBytes([3], [1, 2, 3]), /0x00000803 .* for images, received 0x00000801/],
    ['floats', idxBytes([1, 1, 1], [0, 0, 0, 0], 13), /received 0x00000d03 \(32-bit floats, 3 dimensions\)/],
    ['another format', new TextEncoder().encode('\u0089PNG....'), /not an IDX file/],
    ['an empty file', new Uint8Array(), /received a file of 0 bytes/],
    ['half a header', cube.subarray(0, 9), /expected 16 bytes .* received 9 bytes: truncated by 7/],
    ['a truncated file', cube.subarray(0, -5), /expected 28 bytes .* received 23 bytes: truncated by 5/],
    ['trailing bytes', Uint8Array.from([...cube, 0, 0]), /received 30 bytes: 2 too many at the end/],
    ['no images', idxBytes([0, 28, 28], []), /dimensions: expected none of them 0, received \[0,28,28\]/],
  ])('refuses %s', (_, bytes, message) => {
    const decode = () => decodeIdx(bytes, 'some/file', 'images', 3);
    expect(decode).toThrow(DataError);
    expect(decode).toThrow(message);
    expect(decode).toThrow(/^some\/file: /);
  });
});

describe('readIdx', () => {
  it('reads plain and gzipped files alike, whatever their name', async () => {
    const path = join(await freshDirectory(), 'file');
    await writeFile(path, cube);
    const plain = await readIdx(path, 'images', 3);
    await writeFile(path, gzipSync(cube));
    expect(await readIdx(path, 'images', 3)).toEqual(plain);
  });

  it('refuses a damaged or truncated gzip stream', async () => {
    const path = join(await freshDirectory(), 'file.gz');
    const whole = gzipSync(cube);
    await writeFile(path, whole.subarray(0, -9));
    await expect(readIdx(path, 'images', 3)).rejects.toThrow(/file\.gz: gzip: expected a whole, undamaged/);
    const flipped = Uint8Array.from(whole);
    flipped[flipped.length - 6] = (flipped.at(-6) as number) ^ 1;
    await writeFile(path, flipped);
    await expect(readIdx(path, 'images', 3)).rejects.toThrow(/gzip: .* received incorrect data check/);
  });

  it('names a file that is not there', async () => {
    const path = join(await freshDirectory(), 'absent');
    await expect(readIdx(path, 'images', 3)).rejects.toThrow(/absent: file: expected .* received ENOENT/);
  });
});
