/**
 * What workers of one host have read or made, on its disk. Whoever takes a shard that another had finds the shard's last
 * contribution here instead of reading it from the store, and a version is read from there once for all of them. Nothing
 * depends on it: what is not here, or is damaged, is read from the store, and what is read is checked as anything is.
 *
 * Files are read and written at once, without waiting for a thread: that alone took longer, on the way of every task.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeMemory } from '../codec/freeMemory.ts';

/** Newest objects of a series that are kept: the one in use, and one that is to come. */
const KEPT = 2;
const KEPT_MS = 24 * 60 * 60_000;
const VERSION_DIGITS = 10;
/** A worker that reads for others may be gone; they read for themselves after so long. */
const PATIENCE_MS = 1_000;
const LOOK_MS = 1;
const CLAIMS = 'claims';

/** Which object it is. */
export interface CachePlace {
  readonly run: string;
  /** Of what the newest are kept: the contributions of a shard, or versions. */
  readonly series: string;
  readonly version: number;
  readonly digest: string;
}

type Bytes = Uint8Array<ArrayBuffer>;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Two workers may be given the same shard, and each may be the first to take its old file. */
function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
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

/** All of a file; what it has lost since it was opened may be anything. */
function readWhole(path: string): Bytes {
  const file = openSync(path, constants.O_RDONLY);
  try {
    const bytes = takeMemory(fstatSync(file).size);
    for (let at = 0, read = 1; read > 0 && at < bytes.length; at += read) {
      read = readSync(file, bytes, at, bytes.length - at, null);
    }
    return bytes;
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

  #in({ run }: CachePlace, series: string): string {
    return join(this.#directory, run, series);
  }

  /** The bytes as somebody left them, unchecked; null where there are none. */
  get(place: CachePlace): Bytes | null {
    try {
      return readWhole(join(this.#in(place, place.series), nameOf(place)));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') this.#onError(error);
      return null;
    }
  }

  /** Keeps the bytes of an object and drops what its series no longer needs. A reader sees all of a file or none. */
  put(place: CachePlace, bytes: Uint8Array): void {
    try {
      this.#put(place, bytes);
    } catch (error) {
      this.#refused(error);
    }
  }

  /**
   * What `read` gives, which of the workers that ask for it at once only one calls: the others wait for what it leaves here, and
   * call theirs where that takes too long.
   *
   * @returns bytes that are unchecked; null where `read` gave that.
   * @throws what `read` does.
   */
  async share(place: CachePlace, read: () => Promise<Bytes | null>): Promise<Bytes | null> {
    const giveUpAtMs = performance.now() + PATIENCE_MS;
    while (performance.now() < giveUpAtMs) {
      const bytes = this.get(place);
      if (bytes !== null) return bytes;
      const claim = this.#claim(place);
      if (claim === 'refused') break;
      if (claim === 'mine') return this.#readForAll(place, read);
      await sleep(LOOK_MS);
    }
    return read();
  }

  #claimed(place: CachePlace): string {
    return join(this.#in(place, CLAIMS), nameOf(place));
  }

  /** Asks to be the one that reads for all. */
  #claim(place: CachePlace): 'mine' | 'taken' | 'refused' {
    try {
      this.#prepare(this.#in(place, CLAIMS));
      closeSync(openSync(this.#claimed(place), 'wx', 0o600));
      return 'mine';
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return 'taken';
      this.#refused(error);
      return 'refused';
    }
  }

  #release(place: CachePlace): void {
    try {
      rmSync(this.#claimed(place), { force: true });
    } catch (error) {
      this.#refused(error);
    }
  }

  async #readForAll(place: CachePlace, read: () => Promise<Bytes | null>): Promise<Bytes | null> {
    try {
      // Whoever had the claim before may have read by now.
      const left = this.get(place);
      if (left !== null) return left;
      const bytes = await read();
      if (bytes !== null) this.put(place, bytes);
      return bytes;
    } finally {
      this.#release(place);
    }
  }

  #refused(error: unknown): void {
    // A worker that forgets old runs may have taken a directory for one.
    this.#made.clear();
    this.#onError(error);
  }

  #put(place: CachePlace, bytes: Uint8Array): void {
    const directory = this.#in(place, place.series);
    this.#prepare(directory);
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

  #prepare(directory: string): void {
    if (this.#made.has(directory)) return;
    const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (made !== undefined) this.#forgetOldRuns();
    this.#made.add(directory);
  }

  /** Runs that have begun with no further series for long: over, or read from the store again. */
  #forgetOldRuns(): void {
    for (const run of readdirSync(this.#directory)) {
      const path = join(this.#directory, run);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat && Date.now() - stat.mtimeMs > KEPT_MS) rmSync(path, { recursive: true, force: true });
    }
  }
}

/** Names sort by version. */
const nameOf = ({ version, digest }: CachePlace): string =>
  `${String(version).padStart(VERSION_DIGITS, '0')}-${digest}`;
