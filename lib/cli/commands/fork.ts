import { Command, Option } from 'commander';
import { ASSUMED_CAPACITY } from '../../client/commitSize.ts';
import { forkRun, readConfigOf } from '../../client/fork.ts';
import { COORDINATOR_TIMEOUT_SECONDS } from '../../emulator/coordinatorTimeout.ts';
import { parseRunConfig } from '../../protocol/parseConfig.ts';
import {
  addPlaceOptions,
  type BandwidthOptions,
  bandwidthOption,
  dataOption,
  jsonOption,
  parseWholeNumber,
} from '../options.ts';
import { note, printJson, printLine } from '../output.ts';
import { chosenDirectory, howToGoOn, type Place, type PlaceOptions, withRuns } from '../place.ts';
import { findRun, runArgument } from '../runArgument.ts';
import { applySettings, type Setting, setOption } from '../setOption.ts';
import { capacityOf } from '../submitToStack.ts';
import { wantWorkers } from '../wantWorkers.ts';

interface ForkOptions extends PlaceOptions, BandwidthOptions {
  readonly version?: number;
  readonly set: readonly Setting[];
  readonly data?: string;
  readonly json?: true;
}

const EXAMPLES = `
The new run begins from z of a version that the other keeps, its duals at zero. Its config is the other's, changed by
--set. Files of the dataset are wanted only where dataset, shards or seed change. On this machine the run waits until
it is resumed; a deployment begins at once.

Examples:
  padmm fork latest --set stop.maxRounds=300 --set consensus.momentum=0.8
  padmm fork quickstart --version 40 --set name=again --json
  padmm fork mnist --stack padmm --set shards=8 --data DIR`;

/** Of a directory: a session that trains there has its time-out already, one that resumes the fork takes what it wants. */
function capacityHere({ stack, live }: Pick<Place, 'stack' | 'live'>, options: ForkOptions) {
  const timeoutSeconds = live ? COORDINATOR_TIMEOUT_SECONDS : Number.POSITIVE_INFINITY;
  return capacityOf(stack ?? { coordinator: { ...ASSUMED_CAPACITY, timeoutSeconds } }, options);
}

function fork(word: string, options: ForkOptions): Promise<void> {
  const { version, data } = options;
  return withRuns(options, async ({ connection, live, stack }) => {
    const from = await findRun(connection.store, word);
    const changed = applySettings(await readConfigOf(connection.store, from), options.set);
    const config = parseRunConfig(changed, `config of a fork of ${from}`);
    const { run, manifest } = await forkRun(connection, {
      run: from,
      config,
      capacity: capacityHere({ stack, live }, options),
      ...(stack === null ? {} : { cloud: stack }),
      ...(version === undefined ? {} : { version }),
      dataDirectory: data,
    });
    if (stack !== null) await wantWorkers(stack, config.shards);
    else if (!live) note(howToGoOn(run, chosenDirectory(options)));
    if (options.json) printJson({ run, from, dataset: manifest.digest });
    else printLine(run);
  });
}

/** `padmm fork RUN`: a run that begins where another was; prints its id. */
export const forkCommand = (): Command =>
  addPlaceOptions(
    new Command('fork')
      .addArgument(runArgument())
      .addOption(
        new Option('--version <n>', 'version to begin from; the best without').argParser(parseWholeNumber),
      )
      .addOption(setOption())
      .addOption(dataOption()),
  )
    .addOption(bandwidthOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(fork);
