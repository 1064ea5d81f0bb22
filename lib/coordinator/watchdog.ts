/**
 * The watchdog's rules: what is sent again, to whom a second worker is given, and what a run waits for. They see what was
 * begun of what is outstanding, never an answer, so they cannot change what a synchronous run computes.
 */
import type { EvaluationTaskState, OutstandingTask, RunState } from '../protocol/state.ts';
import { isEnded } from '../protocol/state.ts';
import type { Draft } from './advance.ts';
import { askAgain } from './blockwise.ts';
import { pause } from './controls.ts';
import type { Tick } from './events.ts';
import { countFailure, type TaskName } from './failures.ts';
import { dispatch, outstandingTasks, sendAgain } from './tasks.ts';

/** A run that nothing was sent to and nothing came from for so long waits for capacity, unless something was begun. */
const WAITING_AFTER_MS = 60_000;
/** Growth of the time after which a task that was never begun is sent again. */
const UNSTARTED_GROWTH = 8;
/** With a queue that is not empty, the task is probably in it. */
const BUSY_QUEUE_FACTOR = 8;
const LEASE_GROWTH = 2;

interface Watched {
  readonly name: TaskName;
  readonly task: OutstandingTask;
  /** When its newest attempt was begun; null where it was not. */
  readonly startedAtMs: number | null;
  /** Whether any attempt was. */
  readonly begun: boolean;
}

const nameOf = ({ kind, shard, version }: TaskName): string => `${kind}/${version}/${shard}`;

function watch({ state }: Draft, { leases }: Tick): Watched[] {
  const byTask = Map.groupBy(leases, nameOf);
  const watched = (task: OutstandingTask, name: TaskName): Watched => {
    const own = byTask.get(nameOf(name)) ?? [];
    const newest = own.find((lease) => lease.attempt === task.attempt);
    return { name, task, startedAtMs: newest?.startedAtMs ?? null, begun: own.length > 0 };
  };
  const evaluation = (task: EvaluationTaskState) =>
    watched(task, { kind: task.kind, shard: 0, version: task.version });
  return [
    ...state.evaluations.outstanding.map(evaluation),
    ...state.shards.flatMap(({ task }, shard) =>
      task === null ? [] : [watched(task, { kind: 'solve', shard, version: task.version })],
    ),
  ];
}

/** Seconds after which a shard is slow: a multiple of a quantile of the others' newest times; null before half have one. */
function slowAfterSeconds({ config, state }: Draft, shard: number): number | null {
  const { backupFactor, backupQuantile } = config.faults;
  const others = state.shards.flatMap(({ seconds }, i) => (i === shard || seconds === null ? [] : [seconds]));
  if (backupFactor === null || others.length === 0 || others.length < (state.shards.length - 1) / 2)
    return null;
  others.sort((a, b) => a - b);
  const at = Math.ceil(backupQuantile * others.length) - 1;
  return backupFactor * (others[at] as number);
}

function isSlow(draft: Draft, { name, task, startedAtMs }: Watched): boolean {
  if (name.kind !== 'solve' || task.backedUp || startedAtMs === null) return false;
  const slowAfter = slowAfterSeconds(draft, name.shard);
  return slowAfter !== null && draft.clock.nowMs - startedAtMs > slowAfter * 1000;
}

function isLost({ clock, config }: Draft, { task }: Watched, queueIsEmpty: boolean): boolean {
  const factor = UNSTARTED_GROWTH ** task.attempt * (queueIsEmpty ? 1 : BUSY_QUEUE_FACTOR);
  return clock.nowMs - task.dispatchedAtMs > config.faults.unstartedSeconds * 1000 * factor;
}

/** What is to be done about one outstanding task. */
function attend(draft: Draft, watched: Watched, { queueIsEmpty }: Tick): void {
  const { state, clock, config } = draft;
  const { task, name, startedAtMs } = watched;
  if (task.retryAtMs !== null) {
    if (task.retryAtMs <= clock.nowMs) dispatch(draft, task);
    return;
  }
  if (startedAtMs === null) {
    if (!isLost(draft, watched, queueIsEmpty)) return;
    state.counters.resent += 1;
    sendAgain(draft, task);
    return;
  }
  const leaseMs = config.faults.leaseSeconds * 1000 * LEASE_GROWTH ** task.failures;
  if (clock.nowMs - startedAtMs > leaseMs) {
    state.counters.resent += 1;
    countFailure(draft, name, `begun ${(clock.nowMs - startedAtMs) / 1000} s ago and never answered`);
  } else if (isSlow(draft, watched)) {
    state.counters.backups += 1;
    task.backedUp = true;
    sendAgain(draft, task);
  }
}

/**
 * Asks again for blocks that have not come for long; twice the time for each repeat. One that is still being formed is asked
 * for to no harm: its group holds the second job back, and then nobody wants it any more.
 */
function attendFold(draft: Draft): void {
  const { clock, config, state } = draft;
  const limitMs = config.faults.unformedSeconds * 1000;
  state.counters.resent += askAgain(
    draft,
    ({ attempt, dispatchedAtMs }) => clock.nowMs - dispatchedAtMs > limitMs * LEASE_GROWTH ** attempt,
  );
}

/** When the newest of these tasks was sent or the newest answer of the round was made: workers do not announce short tasks. */
function lastActiveMs({ state, clock }: Draft, out: readonly Watched[]): number {
  const sent = out.map(({ task }) => task.dispatchedAtMs);
  const answered = state.shards.flatMap(({ arrival }) => arrival?.finishedAtMs ?? []);
  // A worker's clock may be ahead of this one.
  return Math.min(clock.nowMs, Math.max(...sent, ...answered));
}

/** Tells a run that waits for capacity from one that works, and pauses it when it has waited for too long. */
function attendCapacity(draft: Draft, watched: readonly Watched[]): void {
  const { state, clock, config } = draft;
  const out = watched.filter(({ task }) => task.retryAtMs === null);
  const waits = out.length > 0 && !out.some(({ begun }) => begun);
  if (!waits) {
    stopWaiting(state);
    return;
  }
  const activeMs = lastActiveMs(draft, out);
  if (state.waitingSinceMs === null && clock.nowMs - activeMs > WAITING_AFTER_MS) {
    state.waitingSinceMs = activeMs;
    state.reason = WAITING_FOR_CAPACITY;
  }
  const limit = config.faults.capacitySeconds;
  if (limit === null || state.waitingSinceMs === null) return;
  if (clock.nowMs - state.waitingSinceMs > limit * 1000 && state.status === 'running') {
    stopWaiting(state);
    pause(draft, `no worker has begun a task for ${limit} s; resume to wait again`);
  }
}

const WAITING_FOR_CAPACITY = 'waiting for capacity: no worker has begun a task';

/** A worker is there. */
export function stopWaiting(state: RunState): void {
  if (state.waitingSinceMs === null) return;
  state.waitingSinceMs = null;
  if (state.reason === WAITING_FOR_CAPACITY) state.reason = '';
}

/** Looks after a run: at every tick, each outstanding task is left alone or sent once more. */
export function takeInTick(draft: Draft, tick: Tick): void {
  const { state } = draft;
  if (isEnded(state.status) || state.status === 'paused') return;
  attendFold(draft);
  if (outstandingTasks(state).length === 0) return;
  const watched = watch(draft, tick);
  for (const each of watched) if (!isEnded(state.status)) attend(draft, each, tick);
  if (!isEnded(state.status)) attendCapacity(draft, watched);
}
