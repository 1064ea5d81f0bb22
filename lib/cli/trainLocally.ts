import { prepareRun, submitPrepared } from '../client/submit.ts';
import type { PreparedDataset } from '../data/prepare.ts';
import type { RunConfig } from '../protocol/config.ts';
import { interruptible } from './interruption.ts';
import { finishLocally, type LocalOptions, withLocalDeployment } from './localRun.ts';
import { howToGoOn } from './localRuns.ts';
import { note } from './output.ts';
import { createProgress } from './progress.ts';

export interface TrainingOptions extends LocalOptions {
  /** Directory that holds the files of the dataset. */
  readonly data?: string;
  readonly json?: true;
}

/** Reads and checks the data before anything is written or started. */
async function prepare(
  config: RunConfig,
  data: string | undefined,
  signal: AbortSignal,
): Promise<PreparedDataset> {
  const progress = createProgress(config);
  try {
    return await prepareRun({
      config,
      ...(data === undefined ? {} : { dataDirectory: data }),
      onProgress({ activity, done, total }) {
        signal.throwIfAborted();
        progress.activity(`${activity}: ${done}/${total}`);
      },
    });
  } finally {
    progress.end();
  }
}

/**
 * Trains a run on this machine, in the embedded emulator: submits it, follows it to its end, leaves model and report.
 *
 * @throws ConfigError, DataError or UsageError where config or data are wrong, with nothing stored; RunFailedError where
 *   the run ended without a model; EnvironmentError where the machine lacks something; InterruptedError on Ctrl-C.
 */
export async function trainLocally(config: RunConfig, options: TrainingOptions): Promise<void> {
  let run: string | undefined;
  await interruptible(
    async (signal) => {
      const prepared = await prepare(config, options.data, signal);
      await withLocalDeployment(options, config, async (local) => {
        ({ run } = await submitPrepared(local.connection, config, prepared));
        note(`run ${run}`);
        await finishLocally(local, config, run, options, signal);
      });
    },
    () =>
      run === undefined ? 'interrupted before the run began' : `interrupted; ${howToGoOn(run, options.dir)}`,
  );
}
