import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Waits for what a task needs, unless the worker is told to end meanwhile. Signals are handled between turns, and a solve
 * has none: this is the last moment to hand a task back.
 *
 * @throws the signal's reason once it is aborted, whatever `work` still waits for.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  // `work` was begun before this was called, and the signal may have come since.
  if (signal?.aborted) onAbort();
  try {
    const done = await Promise.race([work, aborted.promise]);
    await nextTurn();
    signal?.throwIfAborted();
    return done;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
