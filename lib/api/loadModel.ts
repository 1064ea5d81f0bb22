import { readFile } from 'node:fs/promises';
import { DataError } from '../errors.ts';
import type { Model } from '../models/model.ts';
import { importSafetensors } from '../models/safetensorsFile.ts';

/**
 * Reads a model file, as `padmm download` and `padmm train --local` write it.
 *
 * @throws DataError where it cannot be read, IntegrityError where it is damaged.
 */
export async function loadModel(path: string): Promise<Model> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const received = error.code === 'ENOENT' ? 'no such file' : error.message;
    const mismatch = { field: 'file', expected: 'a model that `padmm download` wrote', received };
    throw new DataError(path, mismatch, { cause: error });
  });
  return importSafetensors(bytes, path);
}
