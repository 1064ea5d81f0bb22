/**
 * What becomes of a task that came back without a good answer. A bad upload is asked for again, unchanged and with
 * back-off. A subproblem without a finite solution would come back the same, so it is changed: once to a larger σ, then to
 * θ_i = z̃. A task that fails all the same makes its shard fail, and the shard ends the run or leaves it.
 */
import type { Remedy } from '../protocol/history.ts';
import type { RefusalCause } from '../protocol/messages.ts';
import type { OutstandingTask, ShardState } from '../protocol/state.ts';
import type { Draft } from './advance.ts';
import { fail } from './endings.ts';
import { sendAgain, sendLater } from './tasks.ts';
import { dropRemainder } from './versions.ts';

/** A task, by what it is and whose it is. */
export interface TaskName {
  readonly kind: 'solve' | 'evaluate' | 'test';
  readonly shard: number;
  readonly version: number;
}

export interface Fault {
  readonly cause: RefusalCause;
  readonly reason: string;
}

const nextRemedy: Readonly<Record<Remedy, Remedy | null>> = {
  none: 'largerPenalty',
  largerPenalty: 'keepConsensus',
  keepConsensus: null,
};

/** The outstanding task of a name; undefined where it was answered or is no longer wanted. */
export function findTask({ state }: Draft, { kind, shard, version }: TaskName): OutstandingTask | undefined {
  const candidates =
    kind === 'solve'
      ? [state.shards[shard]?.task]
      : state.evaluations.outstanding.filter((task) => task.kind === kind);
  return candidates.find((task) => task?.version === version) ?? undefined;
}

/** A shard leaves the sum and the weights, and a fold that counts it is planned anew. */
function leave(draft: Draft, shard: ShardState, absence: NonNullable<ShardState['absence']>): void {
  shard.absence = absence;
  shard.contribution = null;
  draft.state.fold = null;
  dropRemainder(draft.state);
}

function failForGood(draft: Draft, { kind, shard: index, version }: TaskName, reason: string): void {
  const what = kind === 'solve' ? `shard ${index}` : `${kind} task`;
  const shard = draft.state.shards[index];
  const full = `${what} of version ${version} ${reason}`;
  const remain = draft.state.shards.some((other) => other !== shard && other.absence === null);
  if (kind !== 'solve' || shard === undefined || draft.config.faults.onShardFailure === 'fail' || !remain) {
    fail(draft, full);
    return;
  }
  leave(draft, shard, { reason: full.slice(0, 1000), rejoining: false });
  Object.assign(shard, { task: null, answered: null, arrival: null });
}

/** Whether the subproblem was changed so that it has an answer. */
function remedied(draft: Draft, { shard }: TaskName): boolean {
  const task = draft.state.shards[shard]?.task;
  const remedy = task && nextRemedy[task.remedy];
  if (!task || !remedy) return false;
  task.remedy = remedy;
  draft.state.counters.remedied += 1;
  sendAgain(draft, task);
  task.firstAttempt = task.attempt;
  return true;
}

/** Counts one failure more; asks again while `faults.maxAttempts` allows. */
export function countFailure(draft: Draft, name: TaskName, reason: string): void {
  const task = findTask(draft, name);
  if (task === undefined) return;
  const { maxAttempts, retrySeconds } = draft.config.faults;
  task.failures += 1;
  if (task.failures >= maxAttempts) failForGood(draft, name, `refused ${task.failures} times: ${reason}`);
  else if (task.failures === 1) sendAgain(draft, task);
  else sendLater(draft, task, retrySeconds * 1000 * 2 ** (task.failures - 2));
}

/** A task came back without a good answer. */
export function taskFailed(draft: Draft, name: TaskName, { cause, reason }: Fault): void {
  draft.state.counters.refused += 1;
  if (name.kind === 'solve' && cause === 'notFinite') {
    if (!remedied(draft, name)) failForGood(draft, name, `has no finite answer: ${reason}`);
    return;
  }
  countFailure(draft, name, reason);
}

/** A contribution that counts can no longer be read: its shard leaves until it has arrived again, with y_i = 0. */
export function contributionLost(draft: Draft, index: number, reason: string): void {
  const shard = draft.state.shards[index];
  if (shard === undefined) return;
  draft.state.counters.refused += 1;
  leave(draft, shard, { reason, rejoining: true });
  if (shard.task === null) return;
  sendAgain(draft, shard.task);
  shard.task.firstAttempt = shard.task.attempt;
}
