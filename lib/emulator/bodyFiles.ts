/**
 * Large bodies as files, beside the database that says what they are of: SQLite writes a body to its log and then to its pages, and
 * takes five times as long over each megabyte.
 *
 * A file holds one body for ever and is named by its entity tag, which is drawn for each write. It is on the disk before the row
 * that names it, and goes after that row: whatever a crash leaves is a file that no row names, and {@link BodyFiles.keepOnly}
 * clears it away.
 */
import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** An entity tag as it is drawn here; those of a digest, and whatever else a database may hold, name no file. */
const TAG = /^"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"$/;

function writeNewFile(path: string, body: Buffer): void {
  const file = openSync(path, 'wx');
  try {
    for (let written = 0; written < body.length; ) written += writeSync(file, body, written);
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}

export class BodyFiles {
  readonly #directory: string;

  /** @param directory made if it is not there. */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#directory = directory;
  }

  /** @throws TypeError where the entity tag is not one that is drawn here. */
  #pathOf(etag: string): string {
    const name = TAG.exec(etag)?.[1];
    if (name === undefined) throw new TypeError(`entity tag: expected a quoted UUID, received ${etag}`);
    return join(this.#directory, name);
  }

  /**
   * Writes a body; it is on the disk when this returns.
   *
   * @param etag drawn for this body.
   * @throws as node:fs does, with nothing left behind.
   */
  write(etag: string, body: Buffer): void {
    const path = this.#pathOf(etag);
    try {
      writeNewFile(path, body);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
  }

  /** @throws as node:fs does where no file holds the body. */
  read(etag: string): Buffer {
    return readFileSync(this.#pathOf(etag));
  }

  /** Removes a body if a file holds it. */
  remove(etag: string): void {
    if (TAG.test(etag)) rmSync(this.#pathOf(etag), { force: true });
  }

  /** Removes all bodies but those of these entity tags. */
  keepOnly(etags: ReadonlySet<string>): void {
    for (const name of readdirSync(this.#directory)) {
      if (!etags.has(`"${name}"`)) this.remove(`"${name}"`);
    }
  }
}
