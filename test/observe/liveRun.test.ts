import { describe, expect, test, vi } from 'vitest';
import { MemoryObjectStore } from '../../lib/cloud/memoryObjectStore.ts';
import { KEPT_ARRIVALS, LiveRun, newestView } from '../../lib/observe/liveRun.ts';
import { axisNames, placesOn } from '../../lib/observe/report/axis.ts';
import { runCharts } from '../../lib/observe/report/runCharts.ts';
import { runFigures } from '../../lib/observe/roundFigures.ts';
import type { RunView } from '../../lib/observe/runView.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import { syntheticRun } from './syntheticRun.ts';

/** Counts what is read. */
class CountingStore extends MemoryObjectStore {
  readonly reads: string[] = [];

  override async get(key: string) {
    this.reads.push(key);
    return super.get(key);
  }
}

/** Stores the first rounds of a run, the newest of them in the state alone. */
async function store(view: RunView, rounds: number, into: CountingStore): Promise<void> {
  const keys = runKeys(view.state.run);
  await into.create(keys.config, JSON.stringify(view.config));
  for (const record of view.rounds.filter(({ version }) => version < rounds)) {
    await into.create(keys.round(record.version), JSON.stringify(record));
  }
  for (const record of view.evaluations.filter(({ version }) => version < rounds)) {
    await into.create(keys.evaluation(record.version, record.split), JSON.stringify(record));
  }
  const unsavedHistory = view.rounds.filter(({ version }) => version === rounds);
  const state = { ...view.state, model: null, version: rounds, revision: rounds, unsavedHistory };
  const { etag = '' } = into.objects.get(keys.state) ?? {};
  if (etag === '') await into.create(keys.state, JSON.stringify(state));
  else await into.replace(keys.state, JSON.stringify(state), etag);
}

async function lookToTheEnd(live: LiveRun, from: CountingStore) {
  let look = await live.look(from);
  while (look.unread > 0) look = await live.look(from);
  return look;
}

describe('a run that is looked at again and again', () => {
  const view = syntheticRun({ rounds: 150, shards: 4, workers: 3 });
  const upTo = (rounds: number) => {
    const until = (record: { version: number }) => record.version <= rounds;
    const evaluations = view.evaluations.filter(({ version }) => version < rounds);
    return runFigures({ ...view, rounds: view.rounds.filter(until), evaluations });
  };

  test('has the figures of its history, and reads each record once', async () => {
    const objects = new CountingStore();
    const live = new LiveRun(view.state.run);
    await store(view, 100, objects);
    const first = await live.look(objects);
    expect(first.unread).toBeGreaterThan(0);
    expect(first.figures.rounds.length).toBeGreaterThan(1);
    const versions = first.figures.rounds.map(({ version }) => version);
    expect(versions).toEqual(versions.map((_, i) => i + 1));
    expect((await lookToTheEnd(live, objects)).figures).toEqual(upTo(100));
    expect(await live.look(objects)).toBe(await live.look(objects));

    objects.reads.length = 0;
    await store(view, 102, objects);
    expect((await lookToTheEnd(live, objects)).figures).toEqual(upTo(102));
    const history = objects.reads.filter((key) => key.includes('/history/'));
    expect(new Set(history).size).toBe(history.length);
    expect(history.length).toBeLessThanOrEqual(4);
  });

  test('keeps the newest rounds in full', async () => {
    const objects = new CountingStore();
    const large = syntheticRun({ rounds: 5, shards: KEPT_ARRIVALS / 2 - 1, workers: 3 });
    await store(large, 5, objects);
    const look = await lookToTheEnd(new LiveRun(large.state.run), objects);
    expect(look.newest).toEqual(large.rounds.slice(-2));
    expect(newestView(look).rounds).toEqual(large.rounds.slice(-2));
  });

  test('shows what it has read of the state, though the look that read it failed', async () => {
    const objects = new CountingStore();
    const live = new LiveRun(view.state.run);
    await store(view, 5, objects);
    await lookToTheEnd(live, objects);
    await store(view, 7, objects);
    const list = vi.spyOn(objects, 'list').mockImplementationOnce(() => {
      throw new Error('the session ended');
    });
    await expect(live.look(objects)).rejects.toThrow('the session ended');
    list.mockRestore();
    const look = await lookToTheEnd(live, objects);
    expect(look.state.version).toBe(7);
    expect(look.figures).toEqual(upTo(7));
  });

  test('that is gone, or never was, is an error that says so', async () => {
    const objects = new CountingStore();
    const live = new LiveRun(view.state.run);
    await expect(live.look(objects)).rejects.toThrow('there is no such run here');
    await store(view, 3, objects);
    await live.look(objects);
    await objects.delete([...objects.objects.keys()]);
    await expect(live.look(objects)).rejects.toThrow('deleted');
  });
});

describe('an axis', () => {
  const view = syntheticRun({ rounds: 30, shards: 4, workers: 3 });
  const figures = runFigures(view);

  test.for(axisNames)('of %s grows from 0 with every version', (axis) => {
    const places = [0, ...view.rounds.map(({ version }) => version)].map(placesOn(figures, axis));
    expect(places[0]).toBe(0);
    expect(places).toEqual(places.toSorted((a = 0, b = 0) => a - b));
    expect(new Set(places).size).toBe(31);
    expect(runCharts(figures, axis).map(({ id }) => id)).toEqual(runCharts(figures).map(({ id }) => id));
  });

  test('has samples, seconds and USD of the history', () => {
    const at = (axis: (typeof axisNames)[number]) => placesOn(figures, axis)(20);
    const [round] = view.rounds.slice(19);
    expect(at('samples')).toBe(20 * 4 * 250);
    expect(at('seconds')).toBe(((round?.formedAtMs ?? 0) - view.state.createdAtMs) / 1000);
    const answers = view.rounds.slice(0, 20).flatMap(({ arrivals }) => arrivals);
    const solving = answers.reduce(
      (sum, { seconds }) => sum + seconds.fetch + seconds.solve + seconds.upload,
      0,
    );
    // Version 10 was measured in 0.09 s; version 20 only after it was formed.
    const { workerHourUsd, taskUsd } = view.config.prices;
    expect(at('usd')).toBeCloseTo(((solving + 0.09) / 3600) * workerHourUsd + 81 * taskUsd, 10);
    expect(placesOn(figures, 'usd')(31)).toBeUndefined();
  });
});
