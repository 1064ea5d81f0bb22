/** `npm run bench:stragglers -- --data DIR --json FILE`: SP against AP with one slow worker of four, on real processes. */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { ASYNCHRONOUS, mnistRun, SHARDS, SYNCHRONOUS } from './configs.ts';
import { measureDamping } from './damping.ts';
import { type Finish, race } from './race.ts';

const TARGET_ACCURACY = 0.95;
const SLOW_FACTOR = 4;
/** An evaluation after as much time in either mode: a synchronous round lasts as long as the slow worker's subproblem. */
const EVALUATED_EVERY = { sync: 2, async: 2 * SLOW_FACTOR };

const program = new Command('bench:stragglers')
  .description(
    'Time to 95 % of MNIST by rows with one of four workers slowed down, synchronous and asynchronous.',
  )
  .requiredOption('--data <dir>', 'directory with the MNIST files, or with a folder mnist of them')
  .option('--json <file>', 'where the figures are written')
  .option('--repetitions <count>', 'pairs of runs, each with a seed of its own', Number, 3)
  .option('--solve-ms <ms>', 'least time of a subproblem on a fast worker', Number, 700);

interface Options {
  readonly data: string;
  readonly json?: string;
  readonly repetitions: number;
  readonly solveMs: number;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? Number.NaN) + (sorted[sorted.length >> 1] ?? Number.NaN)) / 2;
};

const describe = ({ seconds, version, samples, meanStaleness, overran }: Finish): string =>
  `${seconds.toFixed(1)} s, ${version} versions, ${samples} samples, staleness ${meanStaleness.toFixed(2)}, ${(100 * overran).toFixed(0)} % overran`;

async function main(): Promise<void> {
  const { data, json, repetitions, solveMs } = program.parse().opts<Options>();
  const common = {
    ...{ dataDirectory: data, workers: SHARDS, solveMs },
    ...{ slowFactor: SLOW_FACTOR, targetAccuracy: TARGET_ACCURACY },
  };
  const pairs: { seed: number; synchronous: Finish; asynchronous: Finish }[] = [];
  for (let seed = 0; seed < repetitions; seed++) {
    const sync = mnistRun(SYNCHRONOUS, seed, EVALUATED_EVERY.sync);
    const async_ = mnistRun(ASYNCHRONOUS, seed, EVALUATED_EVERY.async);
    const synchronous = await race({ ...common, config: sync });
    console.log(`seed ${seed}, SP: ${describe(synchronous)}`);
    const asynchronous = await race({ ...common, config: async_ });
    console.log(`seed ${seed}, AP: ${describe(asynchronous)}`);
    pairs.push({ seed, synchronous, asynchronous });
  }
  const medians = {
    synchronousSeconds: median(pairs.map(({ synchronous }) => synchronous.seconds)),
    asynchronousSeconds: median(pairs.map(({ asynchronous }) => asynchronous.seconds)),
  };
  const ratio = medians.asynchronousSeconds / medians.synchronousSeconds;
  console.log(
    `medians: SP ${medians.synchronousSeconds.toFixed(1)} s, AP ${medians.asynchronousSeconds.toFixed(1)} s, ratio ${ratio.toFixed(2)}`,
  );
  const damping = await measureDamping({
    dataDirectory: data,
    slowFactor: SLOW_FACTOR,
    repetitions,
    targetAccuracy: TARGET_ACCURACY,
  });
  for (const row of damping) {
    console.log(
      `damping ${row.title}: ${row.accuracies.map((a) => (100 * a).toFixed(2)).join(' ')} %, mean ${(100 * row.meanAccuracy).toFixed(2)} %, target after ${row.taskTimes.join(' ')} task times`,
    );
  }
  if (json !== undefined) {
    const settings = {
      ...common,
      dataDirectory: undefined,
      cores: availableParallelism(),
      ...{ synchronous: SYNCHRONOUS, asynchronous: ASYNCHRONOUS },
    };
    await writeFile(json, `${JSON.stringify({ settings, pairs, medians, ratio, damping }, undefined, 2)}\n`);
  }
}

await main();
