import { Command, Option } from 'commander';
import { RunFailedError, UsageError } from '../../errors.ts';
import {
  addPlaceOptions,
  type BandwidthOptions,
  bandwidthOption,
  dataOption,
  jsonOption,
  localOption,
  parsePositiveInteger,
  portOption,
  workersOption,
} from '../options.ts';
import { chosenDirectory, chosenStack, type PlaceOptions } from '../place.ts';
import { readRunConfig } from '../readConfig.ts';
import { axisOption, type SweepAxis, sweepPoints } from '../sweep/grid.ts';

export interface SweepCommandOptions extends PlaceOptions, BandwidthOptions {
  readonly set: readonly SweepAxis[];
  readonly atOnce: number;
  readonly workers: number;
  readonly port?: number;
  readonly data?: string;
  readonly output: string;
  readonly json?: true;
}

const EXAMPLES = `
Trains one run for each combination of the values, and compares them in a table, the lowest validation loss first, and
on one page. A run that is there already for the same config and data is not made again: the same command goes on with
a sweep that was interrupted. On a deployment Ctrl-C ends the watching; runs that were begun go on.

Examples:
  padmm sweep examples/quickstart.json --local --set solver.penalty.recurrent=0.05,0.1,0.2
  padmm sweep examples/quickstart.json --local --set shards=2,4 --set seed=0..2 --at-once 3 --workers 4
  padmm sweep examples/mnist.json --stack padmm --data DIR --set consensus.mode=sync,async --json`;

const DEFAULT_AT_ONCE = 2;

async function sweep(path: string, options: SweepCommandOptions): Promise<void> {
  const config = await readRunConfig(path);
  const points = sweepPoints(config, options.set);
  if (!options.local && chosenStack(options) === null) {
    throw new UsageError(
      'sweep: expected --local, which trains on this machine, or --stack NAME, received neither',
    );
  }
  // What trains takes a while to load: not for a sweep that is wrong.
  const { sweepLocally, sweepOnStack } = await import('../sweep/places.ts');
  const failed = options.local
    ? await sweepLocally(points, { ...options, dir: chosenDirectory(options) })
    : await sweepOnStack(points, options);
  if (failed > 0) throw new RunFailedError(`sweep: ${failed} of ${points.length} runs failed`);
}

/** `padmm sweep CONFIG --set KEY=VALUES`: many runs from one config, compared. */
export const sweepCommand = (): Command =>
  addPlaceOptions(
    new Command('sweep')
      .argument('<config>', 'run config, a JSON file')
      .addOption(axisOption())
      .addOption(localOption())
      .addOption(
        new Option('--at-once <n>', 'runs at a time')
          .argParser(parsePositiveInteger)
          .default(DEFAULT_AT_ONCE),
      )
      .addOption(workersOption())
      .addOption(dataOption())
      .addOption(bandwidthOption()),
  )
    .option('-o, --output <file>', 'page to write', 'sweep.html')
    .addOption(portOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(sweep);
