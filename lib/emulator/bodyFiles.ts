/**
 * Large bodies as files, beside the database that says what they are of: SQLite writes a body to its log and then to its pages, and
 * takes five times as long over each megabyte.
 *
 * A file is named by an entity tag, which is drawn for each body that comes in. It is on the disk before the row that names it, and
 * goes after that row: whatever a crash leaves is a file that no row names, and {@link BodyFiles.keepOnly} clears it away. The wait
 * for the disk is that of the request alone: others are answered meanwhile.
 *
 * Files that go are spares for bodies that come: to write over one takes a third of the time of a new one, and to delete one of
 * four megabytes takes a millisecond or two, of which a sweep would need a hundred at once.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fdatasync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  write,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** An entity tag as it is drawn here; those of a digest, and whatever else a database may hold, name no file. */
const TAG = /^"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"$/;

const writeAside = promisify(write);
const syncAside = promisify(fdatasync);

/** Two steps wait for a thread, and then for their turn: to open, cut and close a file takes less than such a wait. */
async function fill(file: number, body: Buffer): Promise<void> {
  try {
    for (let written = 0; written < body.length; ) {
      written += (await writeAside(file, body, written)).bytesWritten;
    }
    ftruncateSync(file, body.length);
    await syncAside(file);
  } finally {
    closeSync(file);
  }
}

/** What spares may take of the disk. */
const SPARE_BYTES = 256 * 2 ** 20;

interface Spare {
  readonly path: string;
  readonly sizeBytes: number;
}

export class BodyFiles {
  readonly #directory: string;
  readonly #spareDirectory: string;
  #spares: Spare[] = [];
  #spareBytes = 0;
  /** Entity tags of bodies that came in and are no object's yet. */
  readonly #received = new WeakMap<Buffer, string>();

  /** @param directory made if it is not there. */
  constructor(directory: string) {
    this.#directory = directory;
    this.#spareDirectory = join(directory, 'spare');
    mkdirSync(this.#spareDirectory, { recursive: true });
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
      await fill(this.#openFor(path), body);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
    this.#received.set(body, etag);
  }

  /** A file of this name: a spare one, or new. */
  #openFor(path: string): number {
    const spare = this.#spares.pop();
    if (spare === undefined) return openSync(path, 'wx');
    this.#spareBytes -= spare.sizeBytes;
    renameSync(spare.path, path);
    return openSync(path, 'r+');
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
    if (etag !== null) this.remove(etag, body.length);
  }

  /** @throws as node:fs does where no file holds the body. */
  read(etag: string): Buffer {
    return readFileSync(this.#pathOf(etag));
  }

  /** Removes a body if a file holds it. */
  remove(etag: string, sizeBytes: number): void {
    if (!TAG.test(etag)) return;
    if (this.#spareBytes + sizeBytes <= SPARE_BYTES) this.#keepSpare(etag, sizeBytes);
    else rmSync(this.#pathOf(etag), { force: true });
  }

  #keepSpare(etag: string, sizeBytes: number): void {
    const path = join(this.#spareDirectory, randomUUID());
    try {
      renameSync(this.#pathOf(etag), path);
    } catch (error) {
      // The body of an object may lie in the database.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    this.#spares.push({ path, sizeBytes });
    this.#spareBytes += sizeBytes;
  }

  /** Removes all bodies but those of these entity tags. */
  keepOnly(etags: ReadonlySet<string>): void {
    for (const name of readdirSync(this.#directory)) {
      const etag = `"${name}"`;
      if (TAG.test(etag) && !etags.has(etag)) rmSync(this.#pathOf(etag), { force: true });
    }
    this.clearSpares();
  }

  /** Removes what is kept for bodies to come. */
  clearSpares(): void {
    rmSync(this.#spareDirectory, { recursive: true, force: true });
    mkdirSync(this.#spareDirectory);
    [this.#spares, this.#spareBytes] = [[], 0];
  }
}
