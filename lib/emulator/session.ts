/**
 * Who may open a local directory: one process at a time holds its lock, and tells the others where its S3 and SQS are.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import * as z from 'zod';
import type { Deployment } from '../cloud/deployment.ts';
import { EnvironmentError } from '../errors.ts';
import { parseStored } from '../protocol/validate.ts';

/** The process that has the directory open, and how to reach its S3 and SQS. */
export interface LiveSession {
  readonly pid: number;
  readonly deployment: Deployment;
}

/** The right to open a directory, until `release`. */
export interface DirectoryLock {
  /** Tells other processes how to reach this session. */
  publish(deployment: Deployment): Promise<void>;
  release(): Promise<void>;
}

const sessionSchema = z.object({
  pid: z.int().min(1),
  /** Not there before it is up, nor where a command only looks at the directory. */
  deployment: z
    .object({
      region: z.string(),
      endpoint: z.url(),
      bucket: z.string(),
      tasksQueueUrl: z.url(),
      resultsQueueUrl: z.url(),
      foldsQueueUrl: z.url(),
    })
    .optional(),
});

/** The holder renews the lock this often … */
const RENEW_MS = 2_000;
/** … and is taken for dead when it has not for this long; or, when its process is gone, for the least that is allowed. */
const STALE_MS = 10_000;
const STALE_OF_DEAD_MS = 2_000;
/** A holder that does not say how to reach it is just starting, or looks and leaves: others wait that long. */
const PATIENCE_MS = 15_000;
const RETRY_MS = 100;

const sessionFile = (directory: string): string => join(directory, 'session.json');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

type Holder =
  | { readonly state: 'silent' | 'dead' }
  | { readonly state: 'live'; readonly session: LiveSession };

async function readHolder(directory: string): Promise<Holder> {
  const file = sessionFile(directory);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'silent' };
    const message = `${file}: expected JSON written by this program, received ${error}; delete the file`;
    throw new EnvironmentError(message, { cause: error });
  }
  const { pid, deployment } = parseStored(sessionSchema, content, file);
  if (!isAlive(pid)) return { state: 'dead' };
  return deployment === undefined ? { state: 'silent' } : { state: 'live', session: { pid, deployment } };
}

/**
 * The process that trains in a directory; null where none does. Takes no lock, so it keeps nobody out.
 *
 * @throws EnvironmentError where what a session left behind cannot be read.
 */
export async function findSession(directory: string): Promise<LiveSession | null> {
  const holder = await readHolder(directory);
  return holder.state === 'live' ? holder.session : null;
}

/** Whole or not at all, so that nobody reads half of it. */
async function writeSession(directory: string, deployment?: Deployment): Promise<void> {
  const unfinished = `${sessionFile(directory)}.new`;
  await writeFile(unfinished, JSON.stringify({ pid: process.pid, deployment }, undefined, 2));
  await rename(unfinished, sessionFile(directory));
}

async function tryLock(directory: string, staleMs: number): Promise<(() => Promise<void>) | null> {
  try {
    return await lockfile.lock(directory, {
      lockfilePath: join(directory, 'session.lock'),
      stale: staleMs,
      update: RENEW_MS,
      onCompromised: (error) => {
        // Two sessions in one directory would overwrite each other's objects: this one ends, now.
        throw new EnvironmentError(`${directory}: the lock was lost to another process (${error.message})`);
      },
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return null;
    throw error;
  }
}

async function lockOf(directory: string, unlock: () => Promise<void>): Promise<DirectoryLock> {
  await writeSession(directory);
  return {
    publish: (deployment) => writeSession(directory, deployment),
    async release() {
      await rm(sessionFile(directory), { force: true });
      await unlock();
    },
  };
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw new EnvironmentError(`${directory}: expected a directory that can be written, received ${error}`, {
      cause: error,
    });
  }
}

/**
 * Takes the lock of a directory, which is made if it is not there; or tells who has it. After a holder was killed this
 * takes up to 2 s, which is how long its lock counts.
 *
 * @throws EnvironmentError where the directory cannot be written, or stays locked by a process that tells nothing.
 */
export async function enterDirectory(directory: string): Promise<DirectoryLock | LiveSession> {
  await makeDirectory(directory);
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (performance.now() < deadlineMs) {
    const holder = await readHolder(directory);
    const unlock = await tryLock(directory, holder.state === 'dead' ? STALE_OF_DEAD_MS : STALE_MS).catch(
      (error) => {
        throw new EnvironmentError(
          `${directory}: expected a directory that can be locked, received ${error}`,
          {
            cause: error,
          },
        );
      },
    );
    if (unlock !== null) return lockOf(directory, unlock);
    if (holder.state === 'live') return holder.session;
    await sleep(RETRY_MS);
  }
  throw new EnvironmentError(
    `${directory}: in use by another process for more than ${PATIENCE_MS / 1000} s; end it, or use another directory`,
  );
}
