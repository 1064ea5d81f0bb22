import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where NVIDIA's driver for Linux tells of its GPUs: a directory each, with a file `information`. */
const GPUS = '/proc/driver/nvidia/gpus';

const slug = (text: string): string => text.trim().replaceAll(/[^A-Za-z0-9.]+/g, '-');

function readIfThere<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    // Containers need not have what the driver tells; a GPU computes without it.
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return otherwise;
    throw error;
  }
}

/**
 * Names the models of this machine's NVIDIA GPUs, each once: two of one model round alike, two models need not.
 *
 * @param directory as the driver keeps it under /proc.
 * @returns names joined by a plus sign; nothing where the driver tells none.
 */
export function describeGraphicsProcessors(directory = GPUS): string {
  const models = readIfThere(() => readdirSync(directory), []).map((gpu) => {
    const information = readIfThere(() => readFileSync(join(directory, gpu, 'information'), 'utf8'), '');
    return slug(/^Model:(.*)$/m.exec(information)?.[1] ?? '');
  });
  return [...new Set(models)]
    .filter((model) => model !== '')
    .sort()
    .join('+');
}
