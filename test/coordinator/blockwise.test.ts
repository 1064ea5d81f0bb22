/** Whole runs whose versions are formed in blocks, by functions of their own: the real coordinator, folders and workers. */
import { describe, expect, test, vi } from 'vitest';
import { forkRun } from '../../lib/client/fork.ts';
import { submitPrepared } from '../../lib/client/submit.ts';
import { encodeParameterSet, readParameterSet } from '../../lib/codec/parameterSets.ts';
import { readModel } from '../../lib/models/readModel.ts';
import { readRun } from '../../lib/observe/runView.ts';
import { modelDigest } from '../../lib/observe/summary.ts';
import type { BlockCount } from '../../lib/protocol/blocks.ts';
import type { RunConfig, RunConfigInput } from '../../lib/protocol/config.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import { tinyConfig } from '../support/tinyProblem.ts';
import { tinyParts } from '../support/tinyRuns.ts';
import { VirtualDeployment, type VirtualOptions } from '../support/virtualRun.ts';

const TIMEOUT_MS = 120_000;

const tiny = tinyParts();

type Consensus = NonNullable<RunConfigInput['consensus']>;

const configOf = (blocks: BlockCount, consensus: Consensus, maxRounds = 4): RunConfig =>
  tinyConfig({ consensus: { ...consensus, blocks }, stop: { maxRounds }, retention: { versions: 1 } });

type Step = (deployment: VirtualDeployment, run: string) => Promise<void> | void;

async function train(config: RunConfig, onStep?: Step, options: VirtualOptions = {}) {
  const deployment = new VirtualDeployment({ turn: tiny.turn, ...options });
  vi.setSystemTime(deployment.clock.nowMs);
  const { run } = await submitPrepared(deployment, config, tiny.prepared);
  await deployment.runToEnd([run], async () => {
    vi.setSystemTime(deployment.clock.nowMs);
    await onStep?.(deployment, run);
  });
  const view = await readRun(deployment.store, run);
  return { deployment, run, view, state: view.state };
}

type Trained = Awaited<ReturnType<typeof train>>;

/** What must not depend on the number of blocks: the model's bytes, and what the run measured on its way. */
const substanceOf = async ({ deployment, run, view }: Trained) => ({
  status: view.state.status,
  model: view.state.model,
  summaryDigest: modelDigest(view.state),
  fileDigest: (await readModel(deployment.store, run)).digest,
  rounds: view.rounds.map(({ version, residuals, penalty, loss }) => ({ version, residuals, penalty, loss })),
  evaluations: view.evaluations.map(({ version, split, metrics }) => ({ version, split, metrics })),
});

const keysUnder = ({ deployment, run }: Trained, part: string): string[] =>
  [...deployment.store.objects.keys()].filter((key) => key.startsWith(`${runKeys(run).prefix}${part}`));

describe('a synchronous run', () => {
  test.each<[string, Consensus]>([
    ['with momentum and a closing average', { momentum: 0.5, averagedVersions: 4 }],
    [
      'without momentum, with weight decay and over-relaxation',
      { momentum: 0, weightDecay: 0.01, relaxation: 1.6 },
    ],
    ['whose residuals balance σ', { momentum: 0.5, balancing: { ratio: 1.5, factor: 2 } }],
  ])(
    '%s gives the same model, residuals and σ for every number of blocks',
    async (_, consensus) => {
      const whole = await substanceOf(await train(configOf(1, consensus)));
      expect(whole).toMatchObject({ status: 'done', summaryDigest: whole.fileDigest });
      for (const blocks of [2, 8, 64] as const) {
        const trained = await train(configOf(blocks, consensus));
        expect(await substanceOf(trained)).toEqual(whole);
        expect(trained.deployment.logged).toEqual([]);
      }
    },
    TIMEOUT_MS,
  );

  test(
    'asks each block of a version once, in a group of its own',
    async () => {
      const groups: string[] = [];
      const config = configOf(4, { averagedVersions: 0 }, 2);
      const deployment = new VirtualDeployment({ turn: tiny.turn });
      const send = deployment.folds.send.bind(deployment.folds);
      deployment.folds.send = async (group, body) => {
        groups.push(group);
        await send(group, body);
      };
      const { run } = await submitPrepared(deployment, config, tiny.prepared);
      await deployment.runToEnd([run]);
      const ofVersion = [0, 1, 2, 3].map((block) => `${run}/block-${block}`);
      expect(groups).toEqual([...ofVersion, ...ofVersion]);
    },
    TIMEOUT_MS,
  );

  test(
    'leaves of what it has passed neither blocks, manifests nor plans',
    async () => {
      const trained = await train(configOf(2, { averagedVersions: 0 }, 8));
      const versions = new Set(Object.keys(trained.state.versions).map(Number));
      const kept = keysUnder(trained, 'consensus/').map((key) => Number(key.split('/').at(-2)));
      expect(new Set(kept)).toEqual(versions);
      expect(keysUnder(trained, 'consensus/').filter((key) => key.endsWith('.plan.json'))).toEqual([]);
      const contributions = keysUnder(trained, 'contributions/');
      // A manifest and two blocks of each shard's newest.
      expect(contributions).toHaveLength(3 * trained.state.shards.length);
    },
    TIMEOUT_MS,
  );
});

describe('jobs', () => {
  test(
    'that are lost are asked for again, later each time',
    async () => {
      const whole = await substanceOf(await train(configOf(1, {})));
      let lost = 0;
      const trained = await train(configOf(8, {}), ({ folds }) => {
        if (lost === 3 || folds.messages.all.length === 0) return;
        lost += folds.messages.all.splice(0, 1).length;
      });
      expect(lost).toBe(3);
      // A job that is on its way twice may be lost once without being missed.
      expect(trained.state.counters.resent).toBeGreaterThanOrEqual(2);
      expect(await substanceOf(trained)).toEqual(whole);
    },
    TIMEOUT_MS,
  );

  test(
    'that come twice, and answers that do, change nothing',
    async () => {
      const whole = await substanceOf(await train(configOf(1, {})));
      const deployment = new VirtualDeployment({ turn: tiny.turn });
      for (const queue of [deployment.folds, deployment.results]) {
        const send = queue.send.bind(queue);
        queue.send = async (group, body) => {
          await send(group, body);
          await send(group, body);
        };
      }
      const { run } = await submitPrepared(deployment, configOf(2, {}), tiny.prepared);
      await deployment.runToEnd([run]);
      const view = await readRun(deployment.store, run);
      expect(await substanceOf({ deployment, run, view, state: view.state })).toEqual(whole);
    },
    TIMEOUT_MS,
  );

  test(
    'of a run that is gone are dropped',
    async () => {
      const deployment = new VirtualDeployment({ turn: tiny.turn });
      const { run } = await submitPrepared(deployment, configOf(8, {}), tiny.prepared);
      const { all } = deployment.folds.messages;
      while (all.length === 0) await deployment.step();
      await deployment.store.delete([runKeys(run).state]);
      while (all.length > 0) await deployment.step();
      expect(new Set(deployment.logged)).toEqual(new Set(['messages of an unknown run dropped']));
    },
    TIMEOUT_MS,
  );
});

describe('a contribution', () => {
  test.each(['manifest', 'block'] as const)(
    'whose %s is damaged is asked for again, and the model is the same',
    async (what) => {
      const whole = await substanceOf(await train(configOf(1, {})));
      let damaged = '';
      const trained = await train(configOf(8, {}), async (deployment, run) => {
        const { fold } = deployment.state(run);
        if (damaged !== '' || fold === null) return;
        // The last blocks are not formed yet when the first are.
        const named = what === 'manifest' ? /\.json$/ : /\.7-\w+\.f32$/;
        const key = keysUnder({ deployment, run } as Trained, 'contributions/1/').find((k) => named.test(k));
        const object = key === undefined ? undefined : deployment.store.objects.get(key);
        if (key === undefined || object === undefined) return;
        damaged = key;
        await deployment.store.delete([key]);
        await deployment.store.create(
          key,
          object.body.map((byte) => byte ^ 1),
        );
      });
      expect(damaged).not.toBe('');
      expect(trained.state.counters.refused).toBe(1);
      expect(keysUnder(trained, 'refused/1/')).toHaveLength(1);
      expect(await substanceOf(trained)).toEqual(whole);
    },
    TIMEOUT_MS,
  );
});

describe('while blocks are being formed', () => {
  test(
    'a pause lets them finish, and the run goes on where it was',
    async () => {
      const whole = await substanceOf(await train(configOf(1, {})));
      let paused = false;
      let resumed = false;
      const trained = await train(configOf(8, {}), async (deployment, run) => {
        const { status, fold, version } = deployment.state(run);
        if (!paused && fold !== null) {
          paused = true;
          await deployment.control(run, 'pause');
        }
        if (status !== 'paused' || fold !== null || resumed) return;
        expect(version).toBe(1);
        resumed = true;
        await deployment.control(run, 'resume');
      });
      expect({ paused, resumed }).toEqual({ paused: true, resumed: true });
      expect(await substanceOf(trained)).toEqual(whole);
    },
    TIMEOUT_MS,
  );

  test(
    'a stop gives them up, and the best version so far is the model',
    async () => {
      let stopped = false;
      const { state } = await train(configOf(8, { averagedVersions: 0 }), async (deployment, run) => {
        const { fold } = deployment.state(run);
        if (stopped || fold?.version !== 3) return;
        stopped = true;
        await deployment.control(run, 'stop');
      });
      expect(state).toMatchObject({ status: 'stopped', version: 2, fold: null });
      expect(state.model?.test).not.toBeNull();
    },
    TIMEOUT_MS,
  );
});

test.each<[BlockCount, BlockCount]>([
  [8, 1],
  [1, 8],
  [2, 4],
])(
  'a run in %i blocks is forked as one in %i from the same parameters',
  async (before, after) => {
    const { deployment, run, state } = await train(configOf(before, {}, 2));
    const { store } = deployment;
    const forked = await forkRun(deployment, { run, config: configOf(after, {}, 2) });
    const { versions } = deployment.state(forked.run);
    const key = runKeys(forked.run).consensus(0, versions[0]?.commitId ?? '');
    const set = { key, digest: versions[0]?.digest ?? '', blocks: after };
    const initial = encodeParameterSet(await readParameterSet(store, set), 1);
    expect(state.evaluations.best?.version).toBe(state.model?.version);
    expect(initial.digest()).toBe((await readModel(store, run)).digest);
  },
  TIMEOUT_MS,
);

describe('an asynchronous run', () => {
  test(
    'goes on in blocks from the last average, and ends with all its rounds',
    async () => {
      const consensus = { mode: 'async', arrivals: 1, maxStaleness: 3 } as const;
      const { state, view, deployment } = await train(configOf(4, consensus, 12));
      expect(state).toMatchObject({ status: 'done', version: 12 });
      for (const { version, arrivals } of view.rounds) {
        for (const arrival of arrivals) expect(arrival.staleness).toBe(version - 1 - arrival.version);
      }
      expect(deployment.logged).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
