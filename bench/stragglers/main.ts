/** `npm run bench:stragglers -- --data DIR --json FILE`: SP against AP with one slow worker of four, on real processes. */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { ASYNCHRONOUS, mnistRun, SHARDS, SYNCHRONOUS } from './configs.ts';
import { type DampingRow, measureDamping } from './damping.ts';
import { type Finish, type Race, race } from './race.ts';

const TARGET_ACCURACY = 0.95;
const SLOW_FACTOR = 4;
/** An evaluation after as much time in either mode: a synchronous round lasts as long as the slow worker's subproblem. */
const EVALUATED_EVERY = { sync: 2, async: 2 * SLOW_FACTOR };

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new InvalidArgumentError(`expected a whole number from 1, received ${text}`);
}

const parseLength = (text: string): number => (text === '0' ? 0 : parseCount(text));

const program = new Command('bench:stragglers')
  .description(
    'Time to 95 % of MNIST by rows with one of four workers slowed down, synchronous and asynchronous.',
  )
  .requiredOption('--data <dir>', 'directory with the MNIST files, or with a folder mnist of them')
  .option('--json <file>', 'where the figures are written')
  .option('--repetitions <count>', 'pairs of runs, each with a seed of its own', parseCount, 3)
  .option('--solve-ms <ms>', 'least time of a subproblem on a fast worker', parseCount, 700)
  .option(
    '--task-times <count>',
    'length of a run that measures damping, in simulated subproblems; 0 leaves it out',
    parseLength,
    80,
  );

interface Options {
  readonly data: string;
  readonly json?: string;
  readonly repetitions: number;
  readonly solveMs: number;
  readonly taskTimes: number;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const describe = ({ seconds, version, samples, meanStaleness, overran }: Finish): string =>
  `${seconds.toFixed(1)} s, ${version} versions, ${samples} samples, staleness ${meanStaleness.toFixed(2)}, ${(100 * overran).toFixed(0)} % overran`;

interface Pair {
  readonly seed: number;
  readonly synchronous: Finish;
  readonly asynchronous: Finish;
}

type Common = Omit<Race, 'config'>;

async function racePair(common: Common, seed: number): Promise<Pair> {
  const synchronous = await race({ ...common, config: mnistRun(SYNCHRONOUS, seed, EVALUATED_EVERY.sync) });
  console.log(`seed ${seed}, SP: ${describe(synchronous)}`);
  const asynchronous = await race({ ...common, config: mnistRun(ASYNCHRONOUS, seed, EVALUATED_EVERY.async) });
  console.log(`seed ${seed}, AP: ${describe(asynchronous)}`);
  return { seed, synchronous, asynchronous };
}

/** Mean times of both modes, and the mean of their ratios, each of a pair of one seed. */
function summarise(pairs: readonly Pair[]) {
  const synchronousSeconds = mean(pairs.map(({ synchronous }) => synchronous.seconds));
  const asynchronousSeconds = mean(pairs.map(({ asynchronous }) => asynchronous.seconds));
  const ratios = pairs.map(({ synchronous, asynchronous }) => asynchronous.seconds / synchronous.seconds);
  const ratio = mean(ratios);
  const [sp, ap] = [synchronousSeconds.toFixed(1), asynchronousSeconds.toFixed(1)];
  const each = ratios.map((value) => value.toFixed(2)).join(' ');
  console.log(`means: SP ${sp} s, AP ${ap} s; ratios ${each}, mean ${ratio.toFixed(2)}`);
  return { synchronousSeconds, asynchronousSeconds, ratios, ratio };
}

function printDamping({ title, accuracies, meanAccuracy, taskTimes }: DampingRow): void {
  const percent = (share: number): string => (100 * share).toFixed(2);
  const each = accuracies.map(percent).join(' ');
  const times = taskTimes.map((time) => time ?? 'never').join(' ');
  console.log(
    `damping ${title}: ${each} %, mean ${percent(meanAccuracy)} %, target after ${times} task times`,
  );
}

async function main(): Promise<void> {
  const { data: dataDirectory, json, repetitions, solveMs, taskTimes } = program.parse().opts<Options>();
  const [slowFactor, targetAccuracy] = [SLOW_FACTOR, TARGET_ACCURACY];
  const common: Common = { dataDirectory, workers: SHARDS, solveMs, slowFactor, targetAccuracy };
  const pairs: Pair[] = [];
  for (let seed = 0; seed < repetitions; seed++) pairs.push(await racePair(common, seed));
  const means = summarise(pairs);
  const damping = taskTimes === 0 ? [] : await measureDamping({ ...common, repetitions, taskTimes });
  damping.forEach(printDamping);
  if (json === undefined) return;
  const settings = { solveMs, slowFactor, targetAccuracy, workers: SHARDS, cores: availableParallelism() };
  const modes = { synchronous: SYNCHRONOUS, asynchronous: ASYNCHRONOUS };
  const figures = { settings, modes, pairs, means, damping };
  await writeFile(json, `${JSON.stringify(figures, undefined, 2)}\n`);
}

await main();
