import { describe, expect, test } from 'vitest';
import { type Advanced, advance } from '../../lib/coordinator/advance.ts';
import type { CoordinatorEvent } from '../../lib/coordinator/events.ts';
import { outboxOf } from '../../lib/coordinator/outbox.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import { newCommitId } from '../../lib/protocol/ids.ts';
import { type RunState, runStateSchema } from '../../lib/protocol/state.ts';
import {
  control,
  digestOf,
  evaluated,
  refused,
  solved,
  testConfig,
  tested,
  testState,
} from '../support/runs.ts';

/** Advances by one revision, carrying out folds as if every contribution were readable. */
function step(
  config: RunConfig,
  state: RunState,
  events: readonly CoordinatorEvent[],
  nowMs = 2000,
): RunState {
  const clock = { nowMs, revision: state.revision + 1 };
  let next: Advanced = advance(config, state, events, clock);
  while (next.fold) {
    const { version } = next.fold;
    const stored = {
      version,
      commitId: newCommitId(),
      digest: digestOf(`z${version}`),
      broadcastDigest: null,
    };
    next = advance(
      config,
      next.state,
      [{ kind: 'formed', stored, remainderDigest: null, residuals: { primal: 2, dual: 1 } }],
      clock,
    );
  }
  return runStateSchema.parse(next.state);
}

const round = (state: RunState, version: number) =>
  state.shards.map((_, shard) => solved(state.run, version, shard));

describe('a synchronous run', () => {
  const config = testConfig();

  test('begins with every subproblem and the evaluation of z_0 in its outbox', () => {
    const outbox = outboxOf(testState(config));
    expect(outbox.map((task) => `${task.kind} ${task.version} ${task.shard}`)).toEqual([
      'evaluate 0 0',
      'solve 0 0',
      'solve 0 1',
      'solve 0 2',
    ]);
    expect(outbox[1]).toMatchObject({ dual: null, from: { version: 0 } });
  });

  test('does not wait for capacity while answers come, although none of its short tasks was announced', () => {
    const limited = testConfig({ faults: { capacitySeconds: 120 } });
    const start = testState(limited);
    const sentAtMs = start.shards[0]?.task?.dispatchedAtMs ?? Number.NaN;
    const at = (seconds: number) => sentAtMs + 1000 * seconds;
    const tick: CoordinatorEvent = { kind: 'tick', leases: [], queueIsEmpty: false };
    const answer = { ...solved(start.run, 0, 0), startedAtMs: at(149), finishedAtMs: at(150) };
    const answered = step(limited, start, [answer], at(150));
    expect(step(limited, answered, [tick], at(200))).toMatchObject({
      status: 'running',
      waitingSinceMs: null,
    });
    expect(step(limited, answered, [tick], at(211))).toMatchObject({ waitingSinceMs: at(150) });
    expect(step(limited, answered, [tick], at(271))).toMatchObject({ status: 'paused' });
  });

  test('forms a version only when every shard has arrived, and dispatches the next round from it', () => {
    const state = testState(config);
    const [first, second, third] = round(state, 0) as [CoordinatorEvent, CoordinatorEvent, CoordinatorEvent];
    const waiting = step(config, state, [third, first]);
    expect(waiting.version).toBe(0);
    expect(outboxOf(waiting)).toEqual([]);
    const formed = step(config, waiting, [second]);
    expect(formed.version).toBe(1);
    expect(formed.residuals).toEqual({ primal: 2, dual: 1 });
    const [task] = outboxOf(formed);
    expect(task).toMatchObject({
      kind: 'solve',
      version: 1,
      dual: { contribution: { version: 0, digest: digestOf('0/0') }, anchor: { version: 1 } },
    });
    expect(formed.unsavedHistory).toMatchObject([{ kind: 'round', version: 1, samplesSeen: 30, loss: 1 }]);
  });

  test('counts a second answer of a shard once, and does not take it in', () => {
    const state = testState(config);
    const once = step(config, state, [solved(state.run, 0, 0)]);
    const twice = step(config, once, [solved(state.run, 0, 0, digestOf('other'))]);
    expect(twice.counters.duplicates).toBe(1);
    expect(twice.shards[0]?.arrival?.digest).toBe(digestOf('0/0'));
  });

  test('chooses the model of the lowest validation loss and tests it alone', () => {
    let state = testState(config);
    const { run } = state;
    state = step(config, state, [evaluated(run, 0, 2.3), ...round(state, 0)]);
    state = step(config, state, round(state, 1));
    state = step(config, state, [...round(state, 2), evaluated(run, 2, 0.5)]);
    expect(state.status).toBe('finishing');
    expect(state.model).toBeNull();
    state = step(config, state, [evaluated(run, 3, 0.7)]);
    expect(state.model).toMatchObject({ version: 2, test: null });
    expect(outboxOf(state)).toMatchObject([{ kind: 'test', version: 2 }]);
    state = step(config, state, [tested(run, 2, 0.6)]);
    expect(state).toMatchObject({
      status: 'done',
      reason: '3 rounds',
      model: { version: 2, test: { loss: 0.6 } },
    });
  });

  test('ties between evaluations go to the lower version whatever order they come in', () => {
    const state = testState(config);
    const { run } = state;
    let late = step(config, state, round(state, 0));
    late = step(config, late, round(state, 1));
    late = step(config, late, [evaluated(run, 2, 1), evaluated(run, 0, 1)]);
    expect(late.evaluations.best?.version).toBe(0);
  });

  test('keeps no versions that nothing refers to', () => {
    let state = testState(testConfig({ stop: { maxRounds: 50 } }));
    for (let version = 0; version < 20; version++) {
      const events: CoordinatorEvent[] = round(state, version);
      if (version % 2 === 0) events.push(evaluated(state.run, version, 3 - version / 10));
      state = step(testConfig({ stop: { maxRounds: 50 } }), state, events);
    }
    expect(Object.keys(state.versions).length).toBeLessThan(5);
  });
});

describe('what goes wrong', () => {
  const config = testConfig({ faults: { maxAttempts: 2 } });

  test('a refused task is sent again, and the run fails once it was refused too often', () => {
    const state = testState(config);
    const again = step(config, state, [refused(state.run, 0, 1, 0)]);
    expect(outboxOf(again)).toMatchObject([{ kind: 'solve', shard: 1, attempt: 1 }]);
    const stale = step(config, again, [refused(state.run, 0, 1, 0)]);
    expect(stale).toMatchObject({ status: 'running', counters: { refused: 1, late: 1 } });
    const failed = step(config, stale, [refused(state.run, 0, 1, 1)]);
    expect(failed.status).toBe('failed');
    expect(failed.reason).toBe('shard 1 of version 0 refused 2 times: no object');
    expect(outboxOf(failed)).toEqual([]);
  });

  test('a contribution that cannot be read is asked for again', () => {
    const state = testState(config);
    const clock = { nowMs: 2000, revision: 1 };
    const due = advance(config, state, round(state, 0), clock);
    const next = advance(
      config,
      due.state,
      [{ kind: 'unreadable', shard: 2, version: 0, cause: 'unreadable', reason: 'no object' }],
      clock,
    );
    expect(next.fold).toBeNull();
    expect(outboxOf(next.state)).toMatchObject([{ kind: 'solve', shard: 2, version: 0, attempt: 1 }]);
    // What the first attempt uploaded was bad: only an answer to the second one counts.
    expect(step(config, next.state, [solved(state.run, 0, 2)]).version).toBe(0);
    expect(step(config, next.state, [{ ...solved(state.run, 0, 2), attempt: 1 }]).version).toBe(1);
  });

  test('answers after the end are counted as late', () => {
    const state = { ...testState(config), status: 'failed' as const };
    expect(step(config, state, [solved(state.run, 0, 0)]).counters.late).toBe(1);
  });
});

describe('control', () => {
  const config = testConfig();

  test('pause lets answers in and dispatches nothing; resume goes on', () => {
    const state = testState(config);
    const paused = step(config, state, [control(state.run, 'pause'), ...round(state, 0)]);
    expect(paused).toMatchObject({ status: 'paused', version: 0 });
    const resumed = step(config, paused, [control(state.run, 'resume')]);
    expect(resumed).toMatchObject({ status: 'running', version: 1 });
    expect(outboxOf(resumed).filter((task) => task.kind === 'solve')).toHaveLength(3);
  });

  test('resume of a running run sends whatever is outstanding again', () => {
    const state = step(config, testState(config), []);
    expect(outboxOf(state)).toEqual([]);
    expect(outboxOf(step(config, state, [control(state.run, 'resume')]))).toHaveLength(4);
  });

  test('stop ends the run with the best model so far', () => {
    let state = testState(config);
    const { run } = state;
    state = step(config, state, [control(run, 'stop')]);
    expect(state.status).toBe('finishing');
    state = step(config, state, [evaluated(run, 0, 2.3)]);
    state = step(config, state, [tested(run, 0, 2.4)]);
    expect(state).toMatchObject({ status: 'stopped', model: { version: 0 } });
  });
});

describe('a target on validation accuracy', () => {
  const config = testConfig({
    stop: { maxRounds: 100, targetAccuracy: 0.9 },
    evaluation: { everyRounds: 1, delayRounds: 2 },
  });

  /** Rounds go on as long as they are dispatched; the evaluation of version 1 comes in after `held` rounds. */
  function versionAtStop(held: number): number {
    let state = testState(config);
    const { run } = state;
    const accuracies = (version: number) => (version >= 1 ? 0.95 : 0.1);
    let answeredVersion = -1;
    for (let i = 0; i < 40 && state.status === 'running'; i++) {
      const solves = state.shards.flatMap((shard, index) =>
        shard.task ? [solved(run, shard.task.version, index)] : [],
      );
      const due = state.evaluations.outstanding.filter((task) => task.version <= i - held);
      const events = due.map((task) => evaluated(run, task.version, 1, accuracies(task.version)));
      answeredVersion = Math.max(answeredVersion, ...due.map((task) => task.version));
      state = step(config, state, [...events, ...solves]);
    }
    expect(answeredVersion).toBeGreaterThanOrEqual(1);
    return state.version;
  }

  test('takes effect d versions later, however late the evaluation comes in', () => {
    expect([0, 1, 2, 5].map(versionAtStop)).toEqual([3, 3, 3, 3]);
  });
});

describe('an asynchronous run', () => {
  test('updates after A arrivals and holds back for a task that would become too stale', () => {
    const config = testConfig({
      consensus: { mode: 'async', arrivals: 1, maxStaleness: 2 },
      stop: { maxRounds: 10 },
    });
    let state = testState(config);
    for (const version of [0, 1]) state = step(config, state, [solved(state.run, version, 0)]);
    expect(state.version).toBe(2);
    const held = step(config, state, [solved(state.run, 2, 0), solved(state.run, 0, 1)]);
    expect(held.version).toBe(2);
    const freed = step(config, held, [solved(state.run, 0, 2)]);
    expect(freed.version).toBe(3);
    const [record] = freed.unsavedHistory;
    expect(record?.kind === 'round' && record.arrivals.map((arrival) => arrival.staleness)).toEqual([
      0, 2, 2,
    ]);
  });
});
