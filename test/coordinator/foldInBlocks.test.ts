/** What `advance` does with events that come while the blocks of a version are being formed. */
import { describe, expect, test } from 'vitest';
import { advance } from '../../lib/coordinator/advance.ts';
import type { CoordinatorEvent } from '../../lib/coordinator/events.ts';
import { foldJobsOf } from '../../lib/coordinator/outbox.ts';
import type { RunConfig, RunConfigInput } from '../../lib/protocol/config.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { foldedOf, nextState } from '../support/pureRun.ts';
import { control, refused, solved, testConfig, testState } from '../support/runs.ts';

const NOW_MS = 5000;
const LATE_MS = 30_000;

class Run {
  state: RunState;
  readonly #config: RunConfig;

  constructor(overrides: Partial<RunConfigInput>) {
    this.#config = testConfig({ ...overrides, consensus: { blocks: 2, ...overrides.consensus } });
    this.state = testState(this.#config, NOW_MS);
  }

  take(events: readonly CoordinatorEvent[], nowMs = NOW_MS): RunState {
    this.state = nextState(advance, this.#config, this.state, events, nowMs);
    return this.state;
  }

  solve(shard: number, version = this.state.version): RunState {
    return this.take([solved(this.state.run, version, shard)]);
  }

  tick(nowMs: number): RunState {
    return this.take([{ kind: 'tick', leases: [], queueIsEmpty: true }], nowMs);
  }

  /** The answers to the jobs that the newest revision sent. */
  answers(): CoordinatorEvent[] {
    return foldJobsOf(this.state).map(foldedOf);
  }
}

const async = { mode: 'async', arrivals: 1, maxStaleness: 3 } as const;

describe('while blocks are formed', () => {
  test('nothing is dispatched, and the version is formed with the last of them', () => {
    const run = new Run({ shards: 2 });
    run.solve(0);
    const planned = run.solve(1);
    expect(planned).toMatchObject({ version: 0, fold: { kind: 'round', version: 1, shards: [0, 1] } });
    const [first, second] = run.answers();
    expect(run.take([first as CoordinatorEvent]).version).toBe(0);
    const formed = run.take([second as CoordinatorEvent]);
    expect(formed).toMatchObject({ version: 1, fold: null });
    expect(formed.shards.map(({ task }) => task?.version)).toEqual([1, 1]);
  });

  test('a block that comes twice, or for a plan that was given up, counts once or not at all', () => {
    const run = new Run({ shards: 1 });
    run.solve(0);
    const [first] = run.answers() as [CoordinatorEvent];
    run.take([first]);
    expect(run.take([first]).counters.duplicates).toBe(1);
    expect(run.state.version).toBe(0);
  });

  test('a shard that rejoins begins from the version that they make', () => {
    const run = new Run({ shards: 2, faults: { onShardFailure: 'giveUp', maxAttempts: 1 } });
    run.take([refused(run.state.run, 0, 0, 0)]);
    run.solve(1);
    const answers = run.answers();
    const asked = run.take([control(run.state.run, 'redrive')]);
    expect(asked.shards[0]).toMatchObject({ task: null, absence: { rejoining: true } });
    expect(run.take(answers)).toMatchObject({ version: 1, shards: [{ task: { version: 1 } }, {}] });
  });

  test('a shard that is given up makes the version be planned anew without it', () => {
    const faults = { onShardFailure: 'giveUp', maxAttempts: 1 } as const;
    const run = new Run({ shards: 2, faults, consensus: async });
    const before = run.solve(0).fold;
    const after = run.take([refused(run.state.run, 0, 1, 0)]).fold;
    expect(after).toMatchObject({ version: 1, shards: [0] });
    expect(after?.commitId).not.toBe(before?.commitId);
    expect(after?.digest).not.toBe(before?.digest);
  });

  test('an answer of another shard waits for the next version, and its staleness is told by that one', () => {
    const run = new Run({ shards: 2, consensus: async });
    run.solve(0);
    const answers = run.answers();
    run.solve(1, 0);
    const formed = run.take(answers);
    const [record] = formed.unsavedHistory.flatMap((each) => (each.kind === 'round' ? [each] : []));
    expect(record?.arrivals.map(({ shard, staleness }) => [shard, staleness])).toEqual([[0, 0]]);
    expect(formed.fold).toMatchObject({ version: 2, shards: [1] });
    // Whom the new version has set free is not kept waiting for the one after it.
    expect(formed.shards[0]?.task).toMatchObject({ version: 1 });
    const next = run.take(run.answers());
    const [second] = next.unsavedHistory.flatMap((each) => (each.kind === 'round' ? [each] : []));
    expect(second?.arrivals.map(({ shard, staleness }) => [shard, staleness])).toEqual([[1, 1]]);
  });

  test('an answer that comes during the last round makes no version beyond it', () => {
    const run = new Run({ shards: 2, consensus: async, stop: { maxRounds: 1 } });
    run.solve(0);
    const answers = run.answers();
    run.solve(1, 0);
    expect(run.take(answers)).toMatchObject({ status: 'finishing', version: 1, fold: null });
  });

  test('the watchdog asks for what is late, and waits twice as long before it asks again', () => {
    const run = new Run({ shards: 1 });
    run.solve(0);
    run.take([run.answers()[0] as CoordinatorEvent]);
    const attempts = () => run.state.fold?.blocks.map(({ attempt }) => attempt);
    run.tick(NOW_MS + LATE_MS);
    expect(attempts()).toEqual([0, 0]);
    run.tick(NOW_MS + LATE_MS + 1);
    expect(attempts()).toEqual([0, 1]);
    expect(foldJobsOf(run.state).map(({ block }) => block)).toEqual([1]);
    run.tick(NOW_MS + 2 * LATE_MS + 2);
    expect(attempts()).toEqual([0, 1]);
    run.tick(NOW_MS + 3 * LATE_MS + 2);
    expect(attempts()).toEqual([0, 2]);
  });

  test('resume asks for those that have not come, again', () => {
    const run = new Run({ shards: 1 });
    run.solve(0);
    run.take([control(run.state.run, 'pause')]);
    expect(run.tick(NOW_MS + 100 * LATE_MS).fold?.blocks[0]?.attempt).toBe(0);
    run.take([control(run.state.run, 'resume')]);
    expect(foldJobsOf(run.state)).toHaveLength(2);
  });

  test('a stop gives them up, and what comes later counts for nothing', () => {
    const run = new Run({ shards: 1 });
    run.solve(0);
    const answers = run.answers();
    expect(run.take([control(run.state.run, 'stop')])).toMatchObject({ status: 'finishing', fold: null });
    expect(run.take(answers)).toMatchObject({ version: 0, counters: { duplicates: 2 } });
  });
});
