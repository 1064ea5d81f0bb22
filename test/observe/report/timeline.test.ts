import { describe, expect, test } from 'vitest';
import {
  EVALUATION,
  makeTimeline,
  type Timeline,
  workerTotals,
} from '../../../lib/observe/report/timeline.ts';
import { syntheticRun } from '../syntheticRun.ts';

const view = syntheticRun({ rounds: 30, shards: 4, workers: 12 });
const timeline = makeTimeline(view) as Timeline;
const arrivals = view.rounds.flatMap((round) => round.arrivals);

describe('makeTimeline', () => {
  test('has one row for every contribution and evaluation, by start', () => {
    expect(timeline.startMs).toHaveLength(arrivals.length + view.evaluations.length);
    expect(timeline.startMs).toEqual(timeline.startMs.toSorted((a, b) => a - b));
    expect(timeline.shard.filter((shard) => shard === EVALUATION)).toHaveLength(view.evaluations.length);
    expect(timeline.attempt.filter((attempt) => attempt > 0)).toHaveLength(
      arrivals.filter(({ attempt }) => attempt > 0).length,
    );
  });

  test('counts time from the creation of the run to the last answer', () => {
    const last = Math.max(...[...arrivals, ...view.evaluations].map(({ finishedAtMs }) => finishedAtMs));
    expect(timeline.startMs[0]).toBe(800);
    expect(timeline.spanMs).toBe(last - view.state.createdAtMs);
  });

  test('never begins before zero where a worker’s clock is behind', () => {
    const state = { ...view.state, createdAtMs: view.state.createdAtMs + 60_000 };
    expect(makeTimeline({ ...view, state })?.startMs[0]).toBe(0);
  });

  test('orders workers as people count', () => {
    expect(timeline.workers.slice(0, 3)).toEqual(['worker-0', 'worker-1', 'worker-2']);
    expect(timeline.workers.at(-1)).toBe('worker-11');
  });

  test('is none before the first answer', () => {
    expect(makeTimeline(syntheticRun({ rounds: 0 }))).toBeNull();
  });
});

test('totals by worker add up to the history', () => {
  const totals = workerTotals(view);
  const sum = (pick: (total: (typeof totals)[number]) => number) =>
    totals.reduce((at, total) => at + pick(total), 0);
  expect(totals.map(({ worker }) => worker)).toEqual(timeline.workers);
  expect(sum((t) => t.tasks)).toBe(arrivals.length);
  expect(sum((t) => t.evaluations)).toBe(view.evaluations.length);
  expect(sum((t) => t.readBytes)).toBe(view.state.counters.workerReadBytes);
  expect(sum((t) => t.writtenBytes)).toBe(view.state.counters.workerWrittenBytes);
  const busyMs = [...arrivals, ...view.evaluations].reduce((ms, a) => ms + a.finishedAtMs - a.startedAtMs, 0);
  expect(sum((t) => t.busySeconds)).toBeCloseTo(busyMs / 1000, 6);
});
