import { RunFailedError } from '../errors.ts';
import type { RunConfig } from '../protocol/config.ts';
import { interruptible } from './interruption.ts';
import { noteOutcome, readSummary } from './outcome.ts';
import { printJson } from './output.ts';
import type { PlaceOptions } from './place.ts';
import { createProgress } from './progress.ts';
import { followSession, readThroughSession } from './sessionRun.ts';

export interface WatchOptions extends PlaceOptions {
  readonly json?: true;
}

/**
 * Shows the progress of a run that others train until the run ends, then what it came to.
 *
 * @throws EnvironmentError where nobody trains it, RunFailedError where it ended without a model.
 */
export async function watchRun(run: string, config: RunConfig, options: WatchOptions): Promise<void> {
  const progress = createProgress(config);
  const last = await interruptible(
    (signal) =>
      followSession({
        place: options,
        run,
        signal,
        look(state) {
          progress.show(state);
          return false;
        },
      }).finally(() => progress.end()),
    () => `no longer watching; run ${run} goes on`,
  );
  const summary = await readThroughSession(options, ({ connection }) => readSummary(connection.store, run));
  noteOutcome(summary);
  if (options.json) printJson(summary);
  if (last.status === 'failed') throw new RunFailedError(`run ${run} failed: ${last.reason}`);
}
