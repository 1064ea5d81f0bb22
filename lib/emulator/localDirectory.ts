import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../errors.ts';

/** Where a local directory keeps its objects. */
export const objectsDirectory = (directory: string): string => join(directory, 'objects');

/**
 * Whether a directory has been opened before, so that runs may be in it. Looks only: opening would make what is not
 * there.
 *
 * @throws EnvironmentError where the path leads through something that is no directory, or may not be read.
 */
export async function holdsObjects(directory: string): Promise<boolean> {
  try {
    return (await stat(objectsDirectory(directory))).isDirectory();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    throw new EnvironmentError(`${directory}: expected a directory that can be read, received ${message}`, {
      cause: error,
    });
  }
}
