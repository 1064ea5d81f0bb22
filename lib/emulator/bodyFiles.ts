/**
 * Large bodies as files, beside the database that says what they are of: SQLite writes a body to its log and then to its pages, and
 * takes five times as long over each megabyte.
 *
 * A file holds one body for ever and is named by an entity tag, which is drawn for each body that comes in. It is on the disk before
 * the row that names it, and goes after that row: whatever a crash leaves is a file that no row names, and
 * {@link BodyFiles.keepOnly} clears it away. The wait for the disk is that of the request alone: others are answered meanwhile.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** An entity tag as it is drawn here; those of a digest, and whatever else a database may hold, name no file. */
const TAG = /^"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"$/;

async function writeNewFile(path: string, body: Buffer): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (let written = 0; written < body.length; ) {
      written += (await file.write(body, written)).bytesWritten;
    }
    await file.datasync();
  } finally {
    await file.close();
  }
}

export class BodyFiles {
  readonly #directory: string;
  /** Entity tags of bodies that came in and are no object's yet. */
  readonly #received = new WeakMap<Buffer, string>();

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
   * Writes a body that came in; it is on the disk when this resolves, for an object to claim.
   *
   * @throws as node:fs does, with nothing left behind.
   */
  async receive(body: Buffer): Promise<void> {
    const etag = `"${randomUUID()}"`;
    const path = this.#pathOf(etag);
    try {
      await writeNewFile(path, body);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
    this.#received.set(body, etag);
  }

  /** The entity tag whose file holds a body that came in, which becomes an object's; null where there is none. */
  claim(body: Buffer): string | null {
    const etag = this.#received.get(body) ?? null;
    this.#received.delete(body);
    return etag;
  }

  /** Removes the file of a body that came in and has become no object's. */
  dropUnclaimed(body: Buffer): void {
    const etag = this.claim(body);
    if (etag !== null) this.remove(etag);
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
