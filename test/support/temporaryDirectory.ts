import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A fresh directory, for the tests of a whole file: to be removed by {@link removeDirectory}. */
export const makeDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), 'padmm-test-'));

export const removeDirectory = (directory: string): Promise<void> =>
  rm(directory, { recursive: true, force: true });

/** A fresh directory, removed with all it holds when the running test ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await makeDirectory();
  onTestFinished(() => removeDirectory(directory));
  return directory;
}
