import { RunFailedError } from '../errors.ts';
import type { RunConfig } from '../protocol/config.ts';
import { interruptible } from './interruption.ts';
import { withRuns } from './localRuns.ts';
import { noteOutcome, readSummary } from './outcome.ts';
import { printJson } from './output.ts';
import { createProgress } from './progress.ts';
import { followSession } from './sessionRun.ts';

export interface WatchOptions {
  readonly dir: string;
  readonly json?: true;
}

/**
 * Shows the progress of a run that a session trains until the run ends, then what it came to.
 *
 * @throws EnvironmentError where nobody trains it, RunFailedError where it ended without a model.
 */
export async function watchRun(run: string, config: RunConfig, { dir, json }: WatchOptions): Promise<void> {
  const progress = createProgress(config);
  const last = await interruptible(
    (signal) =>
      followSession({
        directory: dir,
        run,
        signal,
        look(state) {
          progress.show(state);
          return false;
        },
      }).finally(() => progress.end()),
    () => `no longer watching; run ${run} goes on`,
  );
  const summary = await withRuns(dir, ({ connection }) => readSummary(connection.store, run));
  noteOutcome(summary);
  if (json) printJson(summary);
  if (last.status === 'failed') throw new RunFailedError(`run ${run} failed: ${last.reason}`);
}
