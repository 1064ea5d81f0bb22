import { localCapacity } from '../client/localCapacity.ts';
import { submitPrepared } from '../client/submit.ts';
import type { RunConfig } from '../protocol/config.ts';
import { interruptible } from './interruption.ts';
import { finishLocally, type LocalOptions, withLocalDeployment } from './localRun.ts';
import { type BandwidthOptions, bytesPerSecondOf } from './options.ts';
import { note } from './output.ts';
import { howToGoOn } from './place.ts';
import { prepareWithProgress } from './submitToStack.ts';

export interface TrainingOptions extends LocalOptions, BandwidthOptions {
  /** Directory that holds the files of the dataset. */
  readonly data?: string;
  readonly json?: true;
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
      const prepared = await prepareWithProgress(config, options, signal);
      const capacity = localCapacity(config, prepared.manifest.shape, bytesPerSecondOf(options));
      await withLocalDeployment(options, { ...capacity, config }, async (local) => {
        ({ run } = await submitPrepared(local.connection, config, prepared, { capacity }));
        note(`run ${run}`);
        await finishLocally(local, config, run, options, signal);
      });
    },
    () =>
      run === undefined ? 'interrupted before the run began' : `interrupted; ${howToGoOn(run, options.dir)}`,
  );
}
