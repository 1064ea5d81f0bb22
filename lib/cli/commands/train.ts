import { Command } from 'commander';
import { prepareRun, submitPrepared } from '../../client/submit.ts';
import type { PreparedDataset } from '../../data/prepare.ts';
import { UsageError } from '../../errors.ts';
import type { RunConfig } from '../../protocol/config.ts';
import { interruptible } from '../interruption.ts';
import { finishLocally, type LocalOptions, withLocalDeployment } from '../localRun.ts';
import { howToGoOn } from '../localRuns.ts';
import { directoryOption, jsonOption, localOption, portOption, workersOption } from '../options.ts';
import { note } from '../output.ts';
import { createProgress } from '../progress.ts';
import { readRunConfig } from '../readConfig.ts';

interface TrainOptions extends LocalOptions {
  readonly local?: true;
  readonly data?: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  padmm train examples/quickstart.json --local
  padmm train examples/mnist.json --local --data DIR --json`;

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

async function train(path: string, options: TrainOptions): Promise<void> {
  const config = await readRunConfig(path);
  if (!options.local)
    throw new UsageError('train: expected --local, received nothing: it trains on this machine');
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

/** `padmm train CONFIG`: submits a run, watches it, and leaves model and report. */
export const trainCommand = (): Command =>
  new Command('train')
    .argument('<config>', 'run config, a JSON file')
    .addOption(localOption())
    .addOption(workersOption())
    .option('--data <directory>', 'directory that holds the files of the dataset')
    .addOption(directoryOption())
    .addOption(portOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(train);
