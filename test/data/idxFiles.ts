import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';

/** A fresh directory that goes when the test ends. */
export async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'padmm-data-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

/** Bytes of an IDX file; `type` 8 is unsigned bytes. */
export function idxBytes(
  dimensions: readonly number[],
  data: ArrayLike<number>,
  type = 8,
): Uint8Array<ArrayBuffer> {
  const header = new DataView(new ArrayBuffer(4 + 4 * dimensions.length));
  header.setUint32(0, (type << 8) | dimensions.length);
  dimensions.forEach((size, at) => {
    header.setUint32(4 + 4 * at, size);
  });
  return Uint8Array.from([...new Uint8Array(header.buffer), ...Array.from(data)]);
}

/** Contents of the four MNIST files, by name. */
export type MnistFiles = Record<string, Uint8Array<ArrayBuffer>>;

/** A small MNIST of made-up pictures: pixel p of picture i is (i + p) mod 256. */
export function smallMnist(trainCount = 40, testCount = 12): MnistFiles {
  const files: MnistFiles = {};
  for (const [split, count] of [
    ['train', trainCount],
    ['t10k', testCount],
  ] as const) {
    const pixels = Uint8Array.from({ length: count * 784 }, (_, at) => Math.floor(at / 784) + (at % 784));
    const labels = Uint8Array.from({ length: count }, (_, at) => at % 10);
    files[`${split}-images-idx3-ubyte`] = idxBytes([count, 28, 28], pixels);
    files[`${split}-labels-idx1-ubyte`] = idxBytes([count], labels);
  }
  return files;
}

export async function writeFiles(directory: string, files: MnistFiles, gzipped = false): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(directory, gzipped ? `${name}.gz` : name), gzipped ? gzipSync(bytes) : bytes);
  }
}
