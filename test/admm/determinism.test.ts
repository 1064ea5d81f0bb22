import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeOnBackends } from '../support/backends.ts';

const run = promisify(execFile);
const program = new URL('./solveOnce.ts', import.meta.url).pathname;
/** Four processes load libtensorflow one after the other, beside other tests. */
const TIMEOUT_MS = 180_000;

/** The digest of a solution, made by a process of its own. */
const digestFrom = async (threads: number): Promise<string> =>
  (await run(process.execPath, [program, String(threads)])).stdout.trim();

describeOnBackends('a solution has the same bytes from process to process', () => {
  // The number of threads may change the rounding of large products: it is part of the fingerprint.
  for (const threads of [1, 2]) {
    test(
      `with threads: ${threads}`,
      async () => {
        const first = await digestFrom(threads);
        expect(first).toMatch(/^[0-9a-f]{64}$/);
        expect(await digestFrom(threads)).toBe(first);
      },
      TIMEOUT_MS,
    );
  }
}, ['tensorflow']);
