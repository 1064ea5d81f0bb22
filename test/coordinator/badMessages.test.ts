/**
 * Messages that nobody should have sent: none of them is ever taken in, each is logged once and never delivered again, and
 * the runs beside them end with the bytes that they would have had.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { submitPrepared } from '../../lib/client/submit.ts';
import type { PreparedDataset } from '../../lib/data/prepare.ts';
import { newCommitId, newRunId } from '../../lib/protocol/ids.ts';
import { DATASETS_PREFIX, runKeys } from '../../lib/protocol/keys.ts';
import { PROTOCOL_VERSION, taskSchema } from '../../lib/protocol/messages.ts';
import { type Backend, loadBackend } from '../../lib/tensors/backend.ts';
import { digestOf, solved } from '../support/runs.ts';
import { prepareTiny, tinyConfig } from '../support/tinyProblem.ts';
import { VirtualDeployment } from '../support/virtualRun.ts';
import { realTurn } from '../support/workerTurns.ts';

/** Amazon SQS: the largest message. */
const LARGEST_BYTES = 1_048_576;
/** No more of a bad message than this gets into the log. */
const LOGGED_CHARACTERS = 1_000;

let prepared: PreparedDataset;
let backend: Backend;
/** How a run ends that nothing disturbs. */
let expected: unknown;
beforeAll(async () => {
  prepared = await prepareTiny();
  backend = await loadBackend({ threads: 1, prefer: 'cpu' });
  const deployment = new Deployment();
  [expected] = await deployment.finish([await deployment.begin()]);
});

class Deployment extends VirtualDeployment {
  constructor() {
    super({ turn: realTurn(backend) });
  }

  async begin(): Promise<string> {
    return (await submitPrepared(this, tinyConfig(), prepared)).run;
  }

  /** Works until the runs have ended and nothing is left in the queues; gives the digests of their models. */
  async finish(runs: readonly string[]) {
    const states = await this.runToEnd(runs);
    while (!(await this.tasks.isEmpty()) || this.results.messages.all.length > 0) await this.step();
    return states.map(({ status, model, versions }) => [status, versions[model?.version ?? -1]?.digest]);
  }

  /** Objects that belong to none of the runs, nor to a dataset. */
  strays(runs: readonly string[]): string[] {
    const prefixes = [DATASETS_PREFIX, ...runs.map((run) => runKeys(run).prefix)];
    return [...this.store.objects.keys()].filter((key) => !prefixes.some((prefix) => key.startsWith(prefix)));
  }
}

/** What is no message at all, whoever receives it. */
const notMessages = [
  ['nothing', ''],
  ['half a JSON text', '{"schema": 1,'],
  ['JSON that is no object', '[]'],
  ['a text of 1 MiB', 'x'.repeat(LARGEST_BYTES)],
  ['a JSON text of 1 MiB', JSON.stringify('x'.repeat(LARGEST_BYTES - 2))],
] as const;

describe('the coordinator', () => {
  test.each<readonly [string, string | ((run: string) => object)]>([
    ...notMessages,
    ['a message of another schema', (run) => ({ ...solved(run, 0, 0), schema: PROTOCOL_VERSION + 1 })],
    ['a run id that is a path', () => solved('../x', 0, 0)],
    ['a run id that leads out of its prefix', (run) => solved(`${run}/../other`, 0, 0)],
    ['a message of another run than its group', () => solved(newRunId('other'), 0, 0)],
    ['a digest that is a path', (run) => ({ ...solved(run, 0, 0), digest: '../../../other/state.json' })],
    ['a key beside what the schema knows', (run) => ({ ...solved(run, 0, 0), key: 'runs/other/state.json' })],
    ['a shard below zero', (run) => solved(run, 0, -1)],
    ['an event that only the coordinator itself makes', (run) => ({ kind: 'formed', run, residuals: {} })],
    [
      'a message whose worker has a name of 1 MiB',
      (run) => ({ ...solved(run, 0, 0), worker: { id: 'x'.repeat(LARGEST_BYTES - 800), fingerprint: 'a' } }),
    ],
  ])('refuses %s', async (_what, bad) => {
    const deployment = new Deployment();
    const runs = [await deployment.begin(), await deployment.begin()] as const;
    const body = typeof bad === 'string' ? bad : JSON.stringify(bad(runs[0]));
    expect(body.length).toBeLessThanOrEqual(LARGEST_BYTES);
    await deployment.results.send(runs[0], body);
    const [message] = deployment.results.messages.all;
    expect(await deployment.finish(runs)).toEqual([expected, expected]);
    expect(deployment.entries).toEqual([
      { message: 'message refused', details: { messageId: message?.id, reason: expect.any(String) } },
    ]);
    expect(JSON.stringify(deployment.entries).length).toBeLessThan(LOGGED_CHARACTERS);
    expect(deployment.strays(runs)).toEqual([]);
  });

  test('drops messages of a run that is not there, and of one that is deleted in the middle', async () => {
    const deployment = new Deployment();
    const runs = [await deployment.begin(), await deployment.begin()] as const;
    const unknown = newRunId('unknown');
    await deployment.results.send(unknown, JSON.stringify(solved(unknown, 0, 0)));
    const deleted = await deployment.begin();
    while (deployment.state(deleted).version < 1) await deployment.step();
    const { prefix } = runKeys(deleted);
    const gone = [...deployment.store.objects.keys()].filter((key) => key.startsWith(prefix));
    await deployment.store.delete(gone);
    expect(await deployment.finish(runs)).toEqual([expected, expected]);
    const dropped = deployment.entries.map(({ message, details }) => [message, details.run]);
    expect(dropped).toContainEqual(['messages of an unknown run dropped', unknown]);
    expect(dropped.filter(([, run]) => run === unknown)).toHaveLength(1);
    expect(new Set(dropped.map(([message]) => message))).toEqual(
      new Set(['messages of an unknown run dropped']),
    );
  });

  test('of a deleted run take with them what the worker that sent them had stored', async () => {
    const deployment = new Deployment();
    const runs = [await deployment.begin()] as const;
    const deleted = newRunId('deleted');
    const { prefix, contribution, lease } = runKeys(deleted);
    await deployment.store.create(lease('solve', 3, 0, 0), '{}');
    await deployment.store.create(contribution(0, 3, digestOf('late')), 'late');
    await deployment.results.send(deleted, JSON.stringify(solved(deleted, 3, 0, digestOf('late'))));
    expect(await deployment.finish(runs)).toEqual([expected]);
    expect([...deployment.store.objects.keys()].filter((key) => key.startsWith(prefix))).toEqual([]);
  });

  test('counts an answer that nobody asked for, and takes nothing of it', async () => {
    const deployment = new Deployment();
    const run = await deployment.begin();
    for (const [version, shard] of [
      [0, 999],
      [1_000_000, 0],
    ] as const) {
      await deployment.results.send(run, JSON.stringify(solved(run, version, shard)));
    }
    expect(await deployment.finish([run])).toEqual([expected]);
    expect(deployment.state(run).counters.duplicates).toBe(2);
    expect(deployment.entries).toEqual([]);
  });
});

describe('a worker', () => {
  /** The first subproblem of a run, as it was sent. */
  const taskOf = (deployment: Deployment, run: string) => {
    const bodies = deployment.tasks.messages.all.map(({ body }) => taskSchema.parse(JSON.parse(body)));
    const task = bodies.find((each) => each.kind === 'solve' && each.run === run);
    if (task === undefined) throw new Error('no subproblem was sent');
    return task;
  };
  type Sent = ReturnType<typeof taskOf>;

  test.each<readonly [string, string | ((task: Sent) => object)]>([
    ...notMessages,
    ['a task of another schema', (task) => ({ ...task, schema: PROTOCOL_VERSION + 1 })],
    ['a task of another kind', (task) => ({ ...task, kind: 'delete' })],
    ['a run id that is a path', (task) => ({ ...task, run: '../x' })],
    ['a commit that is a path', (task) => ({ ...task, from: { ...task.from, commitId: '../../x' } })],
    ['a key beside what the schema knows', (task) => ({ ...task, key: 'runs/other/state.json' })],
  ])('refuses %s', async (_what, bad) => {
    const deployment = new Deployment();
    const runs = [await deployment.begin(), await deployment.begin()] as const;
    await deployment.tasks.send([
      typeof bad === 'string' ? bad : JSON.stringify(bad(taskOf(deployment, runs[0]))),
    ]);
    expect(await deployment.finish(runs)).toEqual([expected, expected]);
    expect(deployment.logged).toHaveLength(1);
    expect(deployment.logged[0]).toMatch(/^worker \d: message refused \{"messageId":"m\d+","reason":"/);
    expect(deployment.logged[0]?.length).toBeLessThan(LOGGED_CHARACTERS);
    expect(deployment.strays(runs)).toEqual([]);
  });

  test('acknowledges a task of a run that is not there', async () => {
    const deployment = new Deployment();
    const run = await deployment.begin();
    const unknown = { ...taskOf(deployment, run), run: newRunId('unknown') };
    await deployment.tasks.send([JSON.stringify(unknown)]);
    expect(await deployment.finish([run])).toEqual([expected]);
    expect(deployment.logged).toEqual([expect.stringContaining('task of a run that is gone')]);
    expect(deployment.strays([run])).toEqual([]);
  });

  test.each<readonly [string, (task: Sent) => object]>([
    ['a shard that the dataset does not have', (task) => ({ ...task, shard: 999 })],
    [
      'a version that was never stored',
      (task) => ({ ...task, from: { ...task.from, commitId: newCommitId() } }),
    ],
  ])('says that it cannot do %s, and the coordinator lets it be', async (_what, bad) => {
    const deployment = new Deployment();
    const run = await deployment.begin();
    const task = { ...taskOf(deployment, run), attempt: 7 };
    await deployment.tasks.send([JSON.stringify(bad(task))]);
    expect(await deployment.finish([run])).toEqual([expected]);
    expect(deployment.state(run).counters).toMatchObject({ late: 1, refused: 0 });
    expect(deployment.logged).toEqual([]);
  });
});
