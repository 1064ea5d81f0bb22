/** Whole runs in virtual time: workers that come and go, lost tasks, poison, many runs at once, and what is left behind. */
import { describe, expect, test } from 'vitest';
import { newRunId } from '../../lib/protocol/ids.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { answerCheaply } from '../support/cheapSolver.ts';
import { testConfig } from '../support/runs.ts';
import { VirtualDeployment } from '../support/virtualRun.ts';

const digestOf = (state: RunState | undefined) => state?.versions[state.version]?.digest;

/** Bodies of all tasks that are sent from now on. */
function sentBy({ tasks }: VirtualDeployment): string[] {
  const sent: string[] = [];
  const send = tasks.send.bind(tasks);
  tasks.send = async (bodies, group) => {
    sent.push(...bodies);
    await send(bodies, group);
  };
  return sent;
}

async function undisturbed(config = testConfig({ shards: 4, stop: { maxRounds: 6 } })) {
  const deployment = new VirtualDeployment({ workers: 1 });
  const run = await deployment.submit(config);
  const [state] = await deployment.runToEnd([run]);
  return { config, digest: digestOf(state) };
}

describe('workers', () => {
  test('that go from 0 to 8 to 2 in one run change nothing', async () => {
    const { config, digest } = await undisturbed();
    const deployment = new VirtualDeployment({ workers: 0 });
    const run = await deployment.submit(config);
    let waited = '';
    const [state] = await deployment.runToEnd([run], () => {
      const { version, reason } = deployment.state(run);
      if (deployment.workers === 0) waited = reason;
      if (waited !== '') deployment.workers = version < 3 ? 8 : 2;
    });
    expect(waited).toBe('waiting for capacity: no worker has begun a task');
    expect(state).toMatchObject({ status: 'done', waitingSinceMs: null });
    expect(digestOf(state)).toBe(digest);
  });

  test('that are not there get each task at most twice within 30 minutes', async () => {
    const deployment = new VirtualDeployment({ workers: 0 });
    await deployment.submit(testConfig({ shards: 4 }));
    const sent = sentBy(deployment);
    // Worse than true: the queue says that it is empty, as an approximate count may.
    deployment.tasks.isEmpty = async () => true;
    for (let minute = 0; minute < 30; minute++) {
      deployment.clock.nowMs += 60_000;
      await deployment.watch();
    }
    expect(sent).toHaveLength(5);
  });

  test('that never come pause the run after the limit on waiting', async () => {
    const deployment = new VirtualDeployment({ workers: 0 });
    const run = await deployment.submit(testConfig({ faults: { capacitySeconds: 600 } }));
    for (let minute = 0; minute < 12; minute++) {
      deployment.clock.nowMs += 60_000;
      await deployment.watch();
    }
    expect(deployment.state(run)).toMatchObject({
      status: 'paused',
      reason: 'no worker has begun a task for 600 s; resume to wait again',
    });
    deployment.workers = 1;
    await deployment.control(run, 'resume');
    expect((await deployment.runToEnd([run]))[0]?.status).toBe('done');
  });
});

describe('the watchdog', () => {
  test('sends tasks again that were lost from the queue', async () => {
    const { config, digest } = await undisturbed();
    const deployment = new VirtualDeployment();
    const run = await deployment.submit(config);
    deployment.tasks.messages.all.length = 0;
    const [state] = await deployment.runToEnd([run]);
    expect(state?.counters.resent).toBe(5);
    expect(digestOf(state)).toBe(digest);
  });

  test('gives a slow shard a second worker, counted from when it was begun', async () => {
    const { config, digest } = await undisturbed();
    const stuck = new Set<string>();
    const deployment = new VirtualDeployment({
      workers: 4,
      answer: async (store, task, worker, nowMs) => {
        const name = `${task.kind} ${task.version} ${task.shard}`;
        if (task.kind === 'solve' && task.version === 2 && task.shard === 1 && task.attempt === 0) {
          stuck.add(name);
          throw new Error('stuck');
        }
        return { ...(await answerCheaply(store, task, worker, nowMs)), finishedAtMs: nowMs + 1000 };
      },
    });
    const run = await deployment.submit(config);
    const [state] = await deployment.runToEnd([run]);
    expect(stuck.size).toBe(1);
    expect(state?.counters.backups).toBe(1);
    expect(digestOf(state)).toBe(digest);
  });

  test('ends a run that has used up its budget, with the best model so far', async () => {
    const deployment = new VirtualDeployment();
    const run = await deployment.submit(
      testConfig({ stop: { maxRounds: 1000, maxWorkerSeconds: 30 }, evaluation: { everyRounds: 2 } }),
    );
    const [state] = await deployment.runToEnd([run]);
    expect(state).toMatchObject({ status: 'done', reason: 'limit of 30 s of worker time reached' });
    expect(state?.model?.test).not.toBeNull();
    expect(state?.version).toBeLessThan(20);
  });

  test.each([
    ['of wall time', { maxWallSeconds: 600 }, 'limit of 600 s of wall time reached'],
    ['of cost', { maxCostUsd: 1 }, 'limit of 1 USD reached'],
  ])('ends a run at its limit %s', async (_what, limit, reason) => {
    const deployment = new VirtualDeployment();
    const run = await deployment.submit(
      testConfig({ stop: { maxRounds: 1000, ...limit }, prices: { workerHourUsd: 36, taskUsd: 0.001 } }),
    );
    const [state] = await deployment.runToEnd([run], () => {
      deployment.clock.nowMs += 1000;
    });
    expect(state).toMatchObject({ status: 'done', reason });
    expect(state?.version).toBeGreaterThan(0);
  });

  test('takes away what a broken submission left, once a day has passed', async () => {
    const deployment = new VirtualDeployment();
    const { prefix, config } = runKeys(newRunId('broken'));
    await deployment.store.create(config, JSON.stringify(testConfig()));
    const left = () => [...deployment.store.objects.keys()].filter((key) => key.startsWith(prefix));
    deployment.clock.nowMs += 86_400_000;
    await deployment.watch();
    expect(left()).toEqual([config]);
    deployment.clock.nowMs += 1;
    await deployment.watch();
    expect(left()).toEqual([]);
  });
});

describe('a pause', () => {
  test('of 90 days, after which no queue holds its messages any more, changes nothing', async () => {
    const { config, digest } = await undisturbed(
      testConfig({ shards: 4, stop: { maxRounds: 6, maxWallSeconds: 86_400 } }),
    );
    const deployment = new VirtualDeployment();
    const run = await deployment.submit(config);
    while (deployment.state(run).version < 2) await deployment.step();
    await deployment.control(run, 'pause');
    // What is in a worker's hands is still answered and taken in.
    for (let step = 0; step < 20; step++) await deployment.step();
    const paused = deployment.state(run);
    expect(paused).toMatchObject({ status: 'paused', reason: 'paused on request' });
    for (const { messages } of [deployment.tasks, deployment.results]) messages.all.length = 0;
    deployment.clock.nowMs += 90 * 86_400_000;
    for (let minute = 0; minute < 3; minute++) await deployment.watch();
    expect(deployment.state(run)).toEqual(paused);
    await deployment.control(run, 'resume');
    const [state] = await deployment.runToEnd([run]);
    expect(state).toMatchObject({ status: 'done', version: 6, reason: '6 rounds' });
    expect(digestOf(state)).toBe(digest);
  });

  test('in which tasks were lost sends them again when it ends', async () => {
    const { config, digest } = await undisturbed();
    const deployment = new VirtualDeployment({ workers: 0 });
    const run = await deployment.submit(config);
    await deployment.control(run, 'pause');
    await deployment.step();
    expect(deployment.state(run).shards.every(({ task }) => task !== null)).toBe(true);
    deployment.tasks.messages.all.length = 0;
    deployment.clock.nowMs += 90 * 86_400_000;
    await deployment.control(run, 'resume');
    await deployment.step();
    expect(deployment.tasks.messages.all).toHaveLength(5);
    deployment.workers = 2;
    expect(digestOf((await deployment.runToEnd([run]))[0])).toBe(digest);
  });
});

describe('a shard that has no good answer', () => {
  const poisoned = (refusesWith: 'notFinite' | 'unreadable', until: (attempt: number) => boolean) =>
    new VirtualDeployment({
      answer: async (store, task, worker, nowMs) => {
        const answer = await answerCheaply(store, task, worker, nowMs);
        if (answer.kind !== 'solve' || answer.shard !== 1 || !until(answer.attempt)) return answer;
        const { digest: _d, sizeBytes: _s, figures: _f, ...rest } = answer;
        return { ...rest, kind: 'refusal', of: 'solve', cause: refusesWith, reason: 'poison' };
      },
    });

  test('because it is not finite gets a larger σ, then θ_i = z, both recorded', async () => {
    const deployment = poisoned('notFinite', (attempt) => attempt < 2);
    const run = await deployment.submit(testConfig({ stop: { maxRounds: 2 } }));
    const sent = sentBy(deployment);
    await deployment.runToEnd([run]);
    const state = deployment.state(run);
    expect(state).toMatchObject({ status: 'done', counters: { remedied: 4, refused: 4 } });
    const stored = deployment.store.objects.get(runKeys(run).round(1))?.body ?? [];
    const record = JSON.parse(Buffer.from(stored).toString());
    expect(record.arrivals.map((a: { remedy: string }) => a.remedy)).toEqual([
      'none',
      'keepConsensus',
      'none',
    ]);
    const tasks = sent.map((body) => JSON.parse(body)).filter((t) => t.shard === 1);
    const first = tasks.filter((task) => task.kind === 'solve' && task.version === 0);
    expect(first.map((t) => [t.penalty.recurrent.toFixed(3), t.keepsConsensus])).toEqual([
      ['1.000', false],
      ['1.000', true],
    ]);
  });

  test('is asked again with back-off, and ends the run with its reason', async () => {
    const deployment = poisoned('unreadable', () => true);
    const run = await deployment.submit(testConfig({ faults: { maxAttempts: 4, retrySeconds: 100 } }));
    const startedMs = deployment.clock.nowMs;
    const [state] = await deployment.runToEnd([run]);
    expect(state).toMatchObject({ status: 'failed', reason: 'shard 1 of version 0 refused 4 times: poison' });
    expect(deployment.clock.nowMs - startedMs).toBeGreaterThan(300_000);
  });

  test('leaves the average where the config allows it, and rejoins when it is redriven', async () => {
    let poison = true;
    const deployment = poisoned('unreadable', () => poison);
    const run = await deployment.submit(
      testConfig({ stop: { maxRounds: 40 }, faults: { maxAttempts: 2, onShardFailure: 'giveUp' } }),
    );
    const absences: (string | undefined)[] = [];
    let asked = false;
    const [state] = await deployment.runToEnd([run], async () => {
      const now = deployment.state(run);
      absences.push(now.shards[1]?.absence?.reason);
      if (now.version < 5 || asked) return;
      asked = true;
      poison = false;
      await deployment.control(run, 'redrive');
    });
    expect(absences).toContain('shard 1 of version 0 refused 2 times: poison');
    expect(state).toMatchObject({ status: 'done', version: 40 });
    expect(state?.shards[1]).toMatchObject({ absence: null, contribution: { anchor: 40 } });
  });
});

describe('many runs at once', () => {
  test('end each with its own bytes, beside one whose state is damaged', async () => {
    const { config, digest } = await undisturbed();
    const deployment = new VirtualDeployment({ workers: 3 });
    const runs = await Promise.all(Array.from({ length: 5 }, () => deployment.submit(config)));
    const [broken = '', ...healthy] = runs;
    const key = runKeys(broken).state;
    const etag = deployment.store.objects.get(key)?.etag ?? '';
    await deployment.store.replace(key, '{"schema": 99}', etag);
    const states = await deployment.runToEnd(healthy);
    expect(states.map(digestOf)).toEqual(healthy.map(() => digest));
    expect(deployment.logged).toContain('commit failed');
  });

  test('tell their groups to the tasks queue, so that a large run does not hold up small ones', async () => {
    const deployment = new VirtualDeployment();
    const runs = [await deployment.submit(testConfig()), await deployment.submit(testConfig())];
    await deployment.runToEnd(runs, () => {
      for (const { group, body } of deployment.tasks.messages.all) expect(JSON.parse(body).run).toBe(group);
    });
  });
});

describe('what is left in the store', () => {
  test.each([
    ['synchronous', { mode: 'sync' as const }],
    ['asynchronous', { mode: 'async' as const, arrivals: 1 }],
  ])(
    'of a run that is %s stays bounded over 1,000 rounds',
    async (_name, consensus) => {
      const deployment = new VirtualDeployment();
      const run = await deployment.submit(
        testConfig({ stop: { maxRounds: 1000 }, evaluation: { everyRounds: 100 }, consensus }),
      );
      const keys = runKeys(run);
      let most = 0;
      await deployment.runToEnd([run], () => {
        const live = [...deployment.store.objects.keys()].filter(
          (key) => !key.startsWith(keys.historyPrefix),
        );
        most = Math.max(most, live.length);
      });
      expect(deployment.state(run)).toMatchObject({ status: 'done', version: 1000 });
      // Between two sweeps 8 versions of 3 contributions, 3 leases, z and remainder come to lie.
      expect(most).toBeLessThan(140);
      const left = [...deployment.store.objects.keys()].filter((key) => key.startsWith(keys.consensusPrefix));
      const model = deployment.state(run).model?.version ?? -1;
      expect(
        left.some((key) => key.startsWith(`${keys.consensusPrefix}${String(model).padStart(8, '0')}`)),
      ).toBe(true);
    },
    120_000,
  );
});
