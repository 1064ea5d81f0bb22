/** Outstanding tasks: how one begins, and how it is sent again. */
import type { Remedy } from '../protocol/history.ts';
import type { OutstandingTask, RunState, SolveTaskState } from '../protocol/state.ts';
import type { Draft } from './advance.ts';

/** How many times larger σ becomes for a subproblem that had no finite solution. */
const LARGER_PENALTY_FACTOR = 10;

/** Factor on σ that a remedy stands for. */
export const penaltyFactorOf = (remedy: Remedy): number => (remedy === 'none' ? 1 : LARGER_PENALTY_FACTOR);

/** A task that this revision dispatches. */
export function newTask({ clock }: Draft, version: number): OutstandingTask {
  return {
    version,
    attempt: 0,
    failures: 0,
    dispatchedAtMs: clock.nowMs,
    dispatchedRevision: clock.revision,
    retryAtMs: null,
    backedUp: false,
  };
}

/** A subproblem that this revision dispatches. */
export const newSolveTask = (draft: Draft, version: number): SolveTaskState => ({
  ...newTask(draft, version),
  remedy: 'none',
  firstAttempt: 0,
});

/** Puts a task in this revision's outbox, as the attempt that it is. */
export function dispatch({ clock }: Draft, task: OutstandingTask): void {
  task.dispatchedAtMs = clock.nowMs;
  task.dispatchedRevision = clock.revision;
  task.retryAtMs = null;
}

/** Sends a task once more, as its next attempt. */
export function sendAgain(draft: Draft, task: OutstandingTask): void {
  task.attempt += 1;
  dispatch(draft, task);
}

/** Sends a task once more, as its next attempt, but not before some time has passed. */
export function sendLater({ clock }: Draft, task: OutstandingTask, delayMs: number): void {
  task.attempt += 1;
  task.retryAtMs = clock.nowMs + delayMs;
}

/** Everything that is out, or waits to be sent again. */
export const outstandingTasks = (state: RunState): OutstandingTask[] => [
  ...state.evaluations.outstanding,
  ...state.shards.flatMap(({ task }) => task ?? []),
];
