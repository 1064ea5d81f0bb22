/**
 * Contributions that workers of one host have made, on its disk: whoever takes a shard that another had finds the shard's last
 * contribution here instead of reading it from the store. Nothing depends on it: what is not here, or is damaged, is read
 * from the store, and what is read is checked as anything is.
 *
 * Files are read and written at once, without waiting for a thread: that alone took longer, on the way of every task.
 */
import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** Newest contributions of a shard that are kept: the one taken in last, and one that may not be taken in. */
const KEPT = 2;
const KEPT_MS = 24 * 60 * 60_000;
const VERSION_DIGITS = 10;

/** Which contribution it is. */
export interface ContributionPlace {
  readonly run: string;
  readonly shard: number;
  /** Version it was solved from. */
  readonly version: number;
  readonly digest: string;
}

/** Two workers may be given the same shard, and each may be the first to take its old file. */
function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    ftruncateSync(file, bytes.length);
  } finally {
    closeSync(file);
  }
}

export class HostCache {
  readonly #directory: string;
  readonly #onError: (error: unknown) => void;
  readonly #made = new Set<string>();

  /**
   * @param directory shared by the workers of a host; made when something is put.
   * @param onError is told what the file system refuses: the worker goes on without.
   */
  constructor(directory: string, onError: (error: unknown) => void) {
    this.#directory = directory;
    this.#onError = onError;
  }

  #shard({ run, shard }: ContributionPlace): string {
    return join(this.#directory, run, String(shard));
  }

  /** The bytes as somebody left them, unchecked; null where there are none. */
  get(place: ContributionPlace): Uint8Array<ArrayBuffer> | null {
    try {
      return readFileSync(join(this.#shard(place), nameOf(place)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#onError(error);
      return null;
    }
  }

  /** Keeps the bytes of a contribution and drops what the shard no longer needs. A reader sees all of a file or none. */
  put(place: ContributionPlace, bytes: Uint8Array): void {
    try {
      this.#put(place, bytes);
    } catch (error) {
      // A worker that forgets old runs may have taken a directory for one.
      this.#made.clear();
      this.#onError(error);
    }
  }

  #put(place: ContributionPlace, bytes: Uint8Array): void {
    const directory = this.#shard(place);
    if (!this.#made.has(directory)) this.#make(directory);
    const name = nameOf(place);
    const unfinished = join(directory, `${name}.${process.pid}`);
    const [spare, ...superseded] = readdirSync(directory)
      .sort()
      .slice(0, 1 - KEPT);
    // To write over a file takes a third of the time of a new one. Whoever still reads it finds that it is damaged.
    if (spare !== undefined) renameIfThere(join(directory, spare), unfinished);
    writeWhole(unfinished, bytes);
    renameSync(unfinished, join(directory, name));
    for (const old of superseded) rmSync(join(directory, old), { force: true });
  }

  #make(directory: string): void {
    const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (made !== undefined) this.#forgetOldRuns();
    this.#made.add(directory);
  }

  /** Runs that have begun with no further shard for long: over, or read from the store again. */
  #forgetOldRuns(): void {
    for (const run of readdirSync(this.#directory)) {
      const path = join(this.#directory, run);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat && Date.now() - stat.mtimeMs > KEPT_MS) rmSync(path, { recursive: true, force: true });
    }
  }
}

/** Names sort by version. */
const nameOf = ({ version, digest }: ContributionPlace): string =>
  `${String(version).padStart(VERSION_DIGITS, '0')}-${digest}`;
