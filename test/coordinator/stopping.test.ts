/** From the config's rules on plateaus and residuals to what a run does, and the reason that it ends with. */
import { describe, expect, test } from 'vitest';
import type { RunConfig } from '../../lib/protocol/config.ts';
import { type RoundRecord, roundRecordSchema } from '../../lib/protocol/history.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import { type SolveTask, taskSchema } from '../../lib/protocol/messages.ts';
import { answerCheaply } from '../support/cheapSolver.ts';
import { testConfig } from '../support/runs.ts';
import { VirtualDeployment } from '../support/virtualRun.ts';
import type { Answerer } from '../support/workerTurns.ts';

interface Finished {
  readonly status: string;
  readonly version: number;
  readonly reason: string;
  readonly digest: string | undefined;
  readonly rounds: readonly RoundRecord[];
  readonly solves: readonly SolveTask[];
}

async function finish(config: RunConfig, answer: Answerer = answerCheaply, workers = 2): Promise<Finished> {
  const solves: SolveTask[] = [];
  const deployment = new VirtualDeployment({
    workers,
    answer: (store, task, ...rest) => {
      if (task.kind === 'solve') solves.push(taskSchema.parse(task) as SolveTask);
      return answer(store, task, ...rest);
    },
  });
  const run = await deployment.submit(config);
  await deployment.runToEnd([run]);
  const { status, version, reason, versions } = deployment.state(run);
  const rounds: RoundRecord[] = [];
  for (let each = 1; each <= version; each++) {
    const stored = deployment.store.objects.get(runKeys(run).round(each));
    rounds.push(roundRecordSchema.parse(JSON.parse(Buffer.from(stored?.body ?? '').toString())));
  }
  return { status, version, reason, digest: versions[version]?.digest, rounds, solves };
}

describe('a run that is to stop on a plateau', () => {
  const config = testConfig({
    stop: { maxRounds: 20, plateau: { evaluations: 2, minDecrease: 0.01 } },
    evaluation: { everyRounds: 2, delayRounds: 3 },
  });

  /** Validation losses by version. */
  const withLosses =
    (lossAt: (version: number) => number): Answerer =>
    async (...parameters) => {
      const answer = await answerCheaply(...parameters);
      if (answer.kind !== 'evaluate') return answer;
      return { ...answer, metrics: { ...answer.metrics, loss: lossAt(answer.version) } };
    };

  test.each([1, 5])(
    'stops so many versions after the evaluation that shows it, with %i workers',
    async (n) => {
      // 5, 4, 3, then flat: 3, 2.99 against 4, 3 is the first pair of windows without a decrease of a hundredth.
      const flat = withLosses((version) => [5, 4, 3, 2.99][version / 2] ?? 2.99);
      expect(await finish(config, flat, n)).toMatchObject({
        status: 'done',
        version: 8 + 3,
        reason: 'plateau: no lower validation loss in 2 evaluations',
      });
    },
  );

  test('goes on while the loss falls', async () => {
    const falling = withLosses((version) => 10 * 0.98 ** version);
    expect(await finish(config, falling)).toMatchObject({ version: 20, reason: '20 rounds' });
  });
});

describe('a run that is to stop by its residuals', () => {
  const tolerances = { absolute: 0.02, relative: 0.06 };
  const configWith = (residuals: typeof tolerances | null) =>
    testConfig({
      stop: { maxRounds: 40, residuals },
      consensus: { momentum: 0, averagedVersions: 0 },
    });

  /** Boyd et al. 2011, section 3.3.1, from what the history says of a round. */
  function isWithin({ residuals, arrivals, penalty }: RoundRecord): boolean {
    const { primal, dual, parameters = 0, consensusNorm = 0 } = residuals;
    const total = arrivals.reduce((sum, { samples }) => sum + samples, 0);
    const dualSquared = arrivals.reduce(
      (sum, { samples, figures }) => sum + (samples / total) * figures.dualSquaredNorm,
      0,
    );
    const floor = Math.sqrt(parameters) * tolerances.absolute;
    const sigma = Math.min(penalty.input, penalty.recurrent, penalty.readout);
    return (
      primal <= floor + tolerances.relative * consensusNorm &&
      dual <= floor + tolerances.relative * sigma * Math.sqrt(dualSquared)
    );
  }

  test('stops at the first version whose residuals are within the tolerances', async () => {
    const unstopped = await finish(configWith(null));
    expect(unstopped).toMatchObject({ version: 40, reason: '40 rounds' });
    const first = unstopped.rounds.find(isWithin)?.version ?? -1;
    expect(first).toBeGreaterThan(2);
    expect(await finish(configWith(tolerances))).toMatchObject({
      status: 'done',
      version: first,
      reason: `residuals within tolerance at version ${first}`,
    });
  });
});

describe('a run whose penalty is balanced', () => {
  const balancing = { ratio: 3, factor: 2 };
  const config = testConfig({ stop: { maxRounds: 12 }, consensus: { momentum: 0, balancing } });

  test('solves each version under the σ that the residuals before it ask for', async () => {
    const { rounds, solves } = await finish(config);
    const changes = rounds.slice(1).map(({ penalty, version }, i) => {
      const before = rounds[i] as RoundRecord;
      const { primal, dual } = before.residuals;
      const factor = primal > 3 * dual ? 2 : dual > 3 * primal ? 1 / 2 : 1;
      const { input, recurrent, readout } = before.penalty;
      const scaled = { input: input * factor, recurrent: recurrent * factor, readout: readout * factor };
      expect(penalty, `σ of version ${version}`).toEqual(scaled);
      return factor;
    });
    expect(new Set(changes).size).toBeGreaterThan(1);
    for (const { version, penalty, dual } of solves) {
      expect(penalty).toEqual(rounds[version]?.penalty);
      // The dual was taken in under the σ of the round that formed its anchor, and is scaled by the ratio of the two.
      if (dual !== null) expect(dual.penalty).toEqual(rounds[dual.anchor.version - 1]?.penalty);
    }
  });

  test('gives the same bytes with any number of workers', async () => {
    const digests = [1, 2, 5].map(async (workers) => (await finish(config, answerCheaply, workers)).digest);
    expect(new Set(await Promise.all(digests)).size).toBe(1);
    const unbalanced = testConfig({ stop: { maxRounds: 12 }, consensus: { momentum: 0 } });
    expect((await finish(unbalanced)).digest).not.toBe(await digests[0]);
  });
});
