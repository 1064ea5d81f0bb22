/** A file that shows that the worker's event loop turns, for the health check of its container. */
import { utimesSync, writeFileSync } from 'node:fs';

const EVERY_MS = 10_000;
/** A solve holds the event loop; none should for as long as this. */
export const MAX_SILENCE_MS = 15 * 60_000;

/** Writes the file and touches it for as long as the process lives. */
export function keepAliveFile(path: string): void {
  writeFileSync(path, '');
  setInterval(() => {
    const now = new Date();
    utimesSync(path, now, now);
  }, EVERY_MS).unref();
}
