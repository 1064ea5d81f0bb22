import { Command } from 'commander';
import { UsageError } from '../../errors.ts';
import type { RunConfig } from '../../protocol/config.ts';
import {
  addPlaceOptions,
  bandwidthOption,
  dataOption,
  jsonOption,
  localOption,
  portOption,
  workersOption,
} from '../options.ts';
import { note } from '../output.ts';
import { chosenDirectory, chosenStack, type PlaceOptions } from '../place.ts';
import { readRunConfig } from '../readConfig.ts';
import type { TrainingOptions } from '../trainLocally.ts';

interface TrainOptions extends PlaceOptions, Omit<TrainingOptions, 'dir'> {
  readonly local?: true;
}

const EXAMPLES = `
With --stack the run is submitted to a deployment and watched; Ctrl-C ends the watching, not the run.

Examples:
  padmm train examples/quickstart.json --local
  padmm train examples/mnist.json --local --data DIR --json
  padmm train examples/mnist.json --stack padmm --data DIR`;

async function trainOnStack(config: RunConfig, options: TrainOptions): Promise<void> {
  const [{ submitToStack }, { watchRun }] = await Promise.all([
    import('../submitToStack.ts'),
    import('../watchRun.ts'),
  ]);
  const { run } = await submitToStack(config, options);
  note(`run ${run}`);
  await watchRun(run, config, options);
}

async function train(path: string, options: TrainOptions): Promise<void> {
  const config = await readRunConfig(path);
  // What trains takes a while to load: not for a config that is wrong.
  if (options.local) {
    const { trainLocally } = await import('../trainLocally.ts');
    return trainLocally(config, { ...options, dir: chosenDirectory(options) });
  }
  if (chosenStack(options) !== null) return trainOnStack(config, options);
  throw new UsageError(
    'train: expected --local, which trains on this machine, or --stack NAME, received neither',
  );
}

/** `padmm train CONFIG`: submits a run, watches it, and leaves model and report. */
export const trainCommand = (): Command =>
  addPlaceOptions(
    new Command('train')
      .argument('<config>', 'run config, a JSON file')
      .addOption(localOption())
      .addOption(workersOption())
      .addOption(dataOption()),
  )
    .addOption(portOption())
    .addOption(bandwidthOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(train);
