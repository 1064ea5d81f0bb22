/** What Ctrl-C and SIGTERM do, at any time. */
import { InterruptedError } from '../errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Those that end in an order of their own when they are asked to. */
let listening = 0;

/** Calls `listener` at every Ctrl-C or SIGTERM until what is returned is called. */
function onInterrupt(listener: () => void): () => void {
  listening += 1;
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    listening -= 1;
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}

/** From here on a signal that nobody waits for ends the process in one line, with the exit code of an interruption. */
export function leaveWhenInterrupted(): void {
  const leave = (): void => {
    if (listening > 0) return;
    process.stderr.write('padmm: interrupted\n');
    process.exit(new InterruptedError('').exitCode);
  };
  for (const signal of SIGNALS) process.on(signal, leave);
}

/** Waits for Ctrl-C or SIGTERM. */
export async function interruption(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const off = onInterrupt(resolve);
  // A signal alone keeps no process up.
  const stayUp = setInterval(() => {}, 60_000);
  await promise;
  clearInterval(stayUp);
  off();
}

/**
 * Runs `work` with a signal that Ctrl-C or SIGTERM aborts; a second Ctrl-C ends the process at once.
 *
 * @throws InterruptedError, with what `advice` says, where `work` ended because of it.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  advice: () => string,
): Promise<T> {
  const controller = new AbortController();
  const off = onInterrupt(() => {
    if (controller.signal.aborted) process.exit(new InterruptedError('').exitCode);
    controller.abort();
  });
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) throw new InterruptedError(advice(), { cause: error });
    throw error;
  } finally {
    off();
  }
}
