/** Whether rounds become longer the longer a run is, and the more shards it has for as many workers. */
import {
  type EmptyDeployment,
  meanRoundSeconds,
  openEmptyDeployment,
  roundSeconds,
  SMALL,
  WARM_UP_ROUNDS,
  withEmptyDeployment,
} from '../emptyRuns.ts';
import { type Bench, type FigureGroup, type FigureKind, type Measurement, sized } from '../figure.ts';
import { interleave } from '../repeat.ts';
import { slope } from '../statistics.ts';

const ROUNDS = 1000;
const WORKERS = [2, 4, 8];
const SOLVE_MS = 250;
const { hiddenUnits } = SMALL;
const limits = { unit: '%', better: 'lower', must: 10, aim: 0 } as const;

const byRounds: FigureKind = {
  figure: 'growth-rounds',
  title: `growth of seconds a round from round 1 to ${ROUNDS}`,
  ...limits,
};
const byShards: FigureKind = {
  figure: 'growth-shards',
  title: `growth of seconds a round from ${WORKERS[0]} to ${WORKERS.at(-1)} shards, a worker each, ${SOLVE_MS} ms subproblems`,
  ...limits,
};

/** How much a line through the points rises from the first x to the last, in percent of where it begins. */
function growthOf(points: readonly { readonly x: number; readonly y: number }[]): number {
  const rise = slope(points);
  const mean = (pick: 'x' | 'y') => points.reduce((sum, point) => sum + point[pick], 0) / points.length;
  const xs = points.map(({ x }) => x);
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const begin = mean('y') - rise * (mean('x') - first);
  return (100 * rise * (last - first)) / begin;
}

async function measureRounds(bench: Bench): Promise<Measurement> {
  const rounds = sized(bench, ROUNDS, 2 * WARM_UP_ROUNDS);
  return withEmptyDeployment(bench.directory, { workers: 2, solveMs: 0 }, async (deployment) => {
    const raw = await interleave(bench.repetitions, {
      growthPercent: async () => {
        bench.say(`${rounds} rounds`);
        const seconds = roundSeconds(await deployment.run({ shards: 2, rounds, hiddenUnits }));
        return growthOf(seconds.map((y, x) => ({ x, y })));
      },
    });
    return { ...byRounds, values: raw.growthPercent, raw };
  });
}

async function measureShards(bench: Bench): Promise<Measurement> {
  const counts = sized(bench, WORKERS, [1, 2]);
  const options = { solveMs: sized(bench, SOLVE_MS, 10), rounds: WARM_UP_ROUNDS + sized(bench, 12, 2) };
  const opened: EmptyDeployment[] = [];
  try {
    for (const workers of counts) {
      opened.push(await openEmptyDeployment(bench.directory, { workers, solveMs: options.solveMs }));
    }
    const runs = opened.map((deployment, i) => {
      const shards = counts[i] ?? 0;
      const run = async () =>
        meanRoundSeconds(await deployment.run({ shards, rounds: options.rounds, hiddenUnits }));
      return [`roundSeconds${shards}Shards`, run] as const;
    });
    for (const [, run] of runs) await run();
    bench.say(`${counts.join(', ')} shards`);
    const raw = await interleave(bench.repetitions, Object.fromEntries(runs));
    const values = Array.from({ length: bench.repetitions }, (_, repetition) =>
      growthOf(runs.map(([name], i) => ({ x: counts[i] ?? 0, y: raw[name]?.[repetition] ?? Number.NaN }))),
    );
    return { ...byShards, values, raw };
  } finally {
    for (const deployment of opened) await deployment.close();
  }
}

export const growth: FigureGroup = {
  kinds: [byRounds, byShards],
  measure: async (bench) => [await measureRounds(bench), await measureShards(bench)],
};
