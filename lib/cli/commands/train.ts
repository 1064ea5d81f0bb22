import { Command } from 'commander';
import { UsageError } from '../../errors.ts';
import { directoryOption, jsonOption, localOption, portOption, workersOption } from '../options.ts';
import { readRunConfig } from '../readConfig.ts';
import type { TrainingOptions } from '../trainLocally.ts';

interface TrainOptions extends TrainingOptions {
  readonly local?: true;
}

const EXAMPLES = `
Examples:
  padmm train examples/quickstart.json --local
  padmm train examples/mnist.json --local --data DIR --json`;

async function train(path: string, options: TrainOptions): Promise<void> {
  const config = await readRunConfig(path);
  if (!options.local)
    throw new UsageError('train: expected --local, received nothing: it trains on this machine');
  // What trains takes a while to load: not for a config that is wrong.
  const { trainLocally } = await import('../trainLocally.ts');
  await trainLocally(config, options);
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
