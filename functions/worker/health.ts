/**
 * The container's health check: the worker's event loop has turned lately. It touches the file that PADMM_ALIVE_FILE
 * names; a solve holds the loop, so the check is patient.
 */
import { statSync } from 'node:fs';
import { MAX_SILENCE_MS } from '../../lib/worker/aliveFile.ts';

const { PADMM_ALIVE_FILE = '' } = process.env;
const silenceMs = Date.now() - statSync(PADMM_ALIVE_FILE).mtimeMs;
if (silenceMs > MAX_SILENCE_MS)
  throw new Error(
    `${PADMM_ALIVE_FILE}: expected a touch within ${MAX_SILENCE_MS} ms, the last was ${silenceMs} ms ago`,
  );
