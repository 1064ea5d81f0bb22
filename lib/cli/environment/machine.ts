import { mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { type Check, fail, messageOf, ok, warn } from './check.ts';

const MEBIBYTE = 2 ** 20;
/** A local run keeps its dataset and a few versions of its parameters: tens of MiB for the examples. */
const FREE_NEEDED_BYTES = 100 * MEBIBYTE;
const FREE_WANTED_BYTES = 1024 * MEBIBYTE;

/** The nearest directory on the way up that exists: where a run would create the rest. */
async function nearestExisting(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    await stat(absolute);
    return absolute;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return nearestExisting(dirname(absolute));
  }
}

/** Whether files can be created in the directory of local runs, or where it would be created. */
export async function checkDirectory(directory: string): Promise<Check> {
  const name = `directory ${directory}`;
  try {
    const existing = await nearestExisting(directory);
    await rm(await mkdtemp(join(existing, '.padmm-doctor-')), { recursive: true });
    return ok(name, existing === resolve(directory) ? 'can be written' : 'can be created');
  } catch (error) {
    return fail(name, messageOf(error), 'choose another with --dir, or change its permissions');
  }
}

/** Whether the disk of that directory has room. */
export async function checkDisk(directory: string): Promise<Check> {
  const name = 'free disk';
  const remedy = 'free some space, or choose another disk with --dir';
  try {
    const { bavail, bsize } = await statfs(await nearestExisting(directory));
    const freeBytes = bavail * bsize;
    const found = `${Math.floor(freeBytes / MEBIBYTE)} MiB`;
    if (freeBytes < FREE_NEEDED_BYTES) return fail(name, found, remedy);
    return freeBytes < FREE_WANTED_BYTES ? warn(name, found, remedy) : ok(name, found);
  } catch (error) {
    return fail(name, messageOf(error), remedy);
  }
}

/** Whether a server can listen on the loopback address, as the embedded emulator does. */
export function checkLoopback(): Promise<Check> {
  const name = 'loopback port';
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', (error) =>
      settle(fail(name, error.message, 'allow programs to listen on 127.0.0.1: the emulator does')),
    );
    server.listen(0, '127.0.0.1', () => server.close(() => settle(ok(name, 'can be bound'))));
  });
}
