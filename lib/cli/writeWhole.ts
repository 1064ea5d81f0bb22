import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EnvironmentError } from '../errors.ts';

/**
 * Writes a file whole or not at all, and makes the directories that lead to it.
 *
 * @throws EnvironmentError naming the file where it cannot be written.
 */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(unfinished, content);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {
      // Where the path leads through a file there is nothing to remove; the first error tells more.
    });
    throw new EnvironmentError(
      `${path}: expected a file that can be written, received ${(error as Error).message}`,
      { cause: error },
    );
  }
}
