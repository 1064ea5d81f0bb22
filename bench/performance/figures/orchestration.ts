/** The share of a round that is not solving. */
import { meanRoundSeconds, SMALL, WARM_UP_ROUNDS, withEmptyDeployment } from '../emptyRuns.ts';
import { type FigureGroup, type FigureKind, sized } from '../figure.ts';
import { interleave } from '../repeat.ts';

const SHARDS = 4;
const SOLVE_MS = 250;

const kind: FigureKind = {
  figure: 'orchestration',
  title: `share of a round that is not solving: ${SOLVE_MS} ms subproblems, ${SHARDS} shards and workers`,
  ...{ unit: '%', better: 'lower', must: 15, aim: 5 },
};

export const orchestration: FigureGroup = {
  kinds: [kind],
  async measure(bench) {
    const solveMs = sized(bench, SOLVE_MS, 20);
    const rounds = WARM_UP_ROUNDS + sized(bench, 20, 2);
    return withEmptyDeployment(bench.directory, { workers: SHARDS, solveMs }, async (deployment) => {
      const run = () => deployment.run({ shards: SHARDS, rounds, hiddenUnits: SMALL.hiddenUnits });
      await run();
      const raw = await interleave(bench.repetitions, {
        roundSeconds: async () => meanRoundSeconds(await run()),
      });
      const values = raw.roundSeconds.map((seconds) => 100 * (1 - solveMs / 1000 / seconds));
      return [{ ...kind, values, raw }];
    });
  },
};
