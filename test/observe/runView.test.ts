import { describe, expect, test } from 'vitest';
import { IntegrityError, UsageError } from '../../lib/errors.ts';
import { listRuns } from '../../lib/observe/runList.ts';
import { type RunView, readRun } from '../../lib/observe/runView.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { MemoryObjectStore } from '../support/memoryCloud.ts';
import { syntheticRun } from './syntheticRun.ts';

/** Stores a run as the coordinator does; `unsaved` records stay in the state alone. */
async function storeRun(
  store: MemoryObjectStore,
  view: RunView,
  state: RunState = view.state,
): Promise<void> {
  const keys = runKeys(state.run);
  await store.create(keys.config, JSON.stringify(view.config));
  await store.create(keys.state, JSON.stringify(state));
  for (const round of view.rounds) await store.create(keys.round(round.version), JSON.stringify(round));
  for (const evaluation of view.evaluations) {
    await store.create(keys.evaluation(evaluation.version, evaluation.split), JSON.stringify(evaluation));
  }
}

const view = syntheticRun({ rounds: 30 });
const { run } = view.state;

describe('readRun', () => {
  test('gives back what was stored, in order', async () => {
    const store = new MemoryObjectStore();
    await storeRun(store, view);
    expect(await readRun(store, run)).toEqual(view);
  });

  test('counts a record that is in the state and in the store once, and one in the state alone too', async () => {
    const store = new MemoryObjectStore();
    const newest = view.rounds.slice(-2);
    const state: RunState = { ...view.state, unsavedHistory: [...newest, ...view.evaluations.slice(-1)] };
    await storeRun(store, { ...view, rounds: view.rounds.slice(0, -1) }, state);
    expect(await readRun(store, run)).toEqual({ ...view, state });
  });

  test('shows no round that its state does not know', async () => {
    const store = new MemoryObjectStore();
    const state: RunState = { ...view.state, version: 12 };
    await storeRun(store, view, state);
    const read = await readRun(store, run);
    expect(read.rounds.at(-1)?.version).toBe(12);
    expect(read.evaluations.map(({ version }) => version)).toEqual([10]);
  });

  test.each(['nonsense', '../state', `other-${'0'.repeat(26)}`])(
    'refuses run %j, which is not there',
    async (id) => {
      await expect(readRun(new MemoryObjectStore(), id)).rejects.toThrow(UsageError);
      await expect(readRun(new MemoryObjectStore(), id)).rejects.toThrow(id);
    },
  );

  test('names the history object and field that are damaged', async () => {
    const store = new MemoryObjectStore();
    const key = runKeys(run).round(7);
    await store.create(key, JSON.stringify({ ...view.rounds[6], loss: 'low' }));
    await storeRun(store, view);
    const refusal = readRun(store, run);
    await expect(refusal).rejects.toThrow(IntegrityError);
    await expect(refusal).rejects.toThrow(`${key}: loss: expected number, received "low"`);
  });
});

describe('listRuns', () => {
  test('has a row for every run', async () => {
    const store = new MemoryObjectStore();
    await storeRun(store, syntheticRun({ name: 'b', rounds: 0 }));
    await storeRun(store, syntheticRun({ name: 'a', rounds: 20 }));
    const [first, second] = await listRuns(store);
    expect(first).toMatchObject({
      row: { status: 'done', rounds: 20, maxRounds: 20, validationAccuracy: expect.closeTo(0.754, 3) },
    });
    expect(second).toMatchObject({ row: { status: 'running', rounds: 0, testAccuracy: null } });
  });

  test('says of a run that cannot be read why, and shows the others', async () => {
    const store = new MemoryObjectStore();
    const damaged = `a-${'0'.repeat(26)}`;
    await store.create(runKeys(damaged).config, JSON.stringify(view.config));
    await storeRun(store, view);
    await store.create('runs/not-a-run/readme.txt', 'hello');
    const listed = await listRuns(store);
    expect(listed.map((entry) => entry.run)).toEqual([damaged, run]);
    expect(listed[0]).toMatchObject({ fault: expect.stringContaining('state.json') });
    expect(listed[1]).toHaveProperty('row.status', 'done');
  });
});
