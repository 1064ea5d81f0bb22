import { InterruptedError } from '../errors.ts';

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
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(new InterruptedError('').exitCode);
    controller.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) throw new InterruptedError(advice(), { cause: error });
    throw error;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
