/** Taking in the answers of shards: each (shard, version) counts once, whatever is delivered how often. */
import type { Arrival, Remedy } from '../protocol/history.ts';
import type { Refusal, SolveResult } from '../protocol/messages.ts';
import { isEnded, type RunState, type SolveTaskState } from '../protocol/state.ts';
import type { Draft } from './advance.ts';
import type { Unreadable } from './events.ts';
import { contributionLost, findTask, taskFailed } from './failures.ts';
import { stalenessLimit } from './staleness.ts';

const remember = (list: string[], value: string): void => {
  if (!list.includes(value)) list.push(value);
};

function arrivalOf(draft: Draft, result: SolveResult, samples: number, remedy: Remedy): Arrival {
  const { schema: _schema, kind: _kind, run: _run, nonce: _nonce, ...rest } = result;
  const staleness = draft.state.version - result.version;
  const limit = stalenessLimit(draft.config);
  // The barrier of `isDue` holds this by construction; a breach is a defect, and must not reach z.
  if (staleness > limit) throw new Error(`staleness ${staleness} of shard ${result.shard} exceeds ${limit}`);
  return { ...rest, samples, staleness, remedy };
}

/** Notes what a subproblem moved, whether or not its answer counts. */
function account({ state }: Draft, { transferred }: SolveResult): void {
  state.counters.workerReadBytes += transferred.readBytes;
  state.counters.workerWrittenBytes += transferred.writtenBytes;
}

/** The task that a result answers, or null where its answer is no longer wanted. */
function taskOf(state: RunState, { shard, version, attempt }: SolveResult): SolveTaskState | null {
  const task = state.shards[shard]?.task ?? null;
  return task?.version === version && attempt >= task.firstAttempt ? task : null;
}

/** A shard's contribution: taken in where it answers the outstanding task, counted as late or duplicate elsewhere. */
export function takeInSolution(draft: Draft, result: SolveResult): void {
  const { state } = draft;
  account(draft, result);
  if (isEnded(state.status) || state.status === 'finishing') {
    state.counters.late += 1;
    return;
  }
  const task = taskOf(state, result);
  const shard = state.shards[result.shard];
  if (task === null || shard === undefined) {
    state.counters.duplicates += 1;
    return;
  }
  shard.arrival = arrivalOf(draft, result, shard.samples, task.remedy);
  shard.answered = task;
  shard.task = null;
  shard.seconds = (result.finishedAtMs - result.startedAtMs) / 1000;
  state.counters.samplesSeen += result.figures.batchSamples;
  remember(state.workers, result.worker.id);
  remember(state.fingerprints, result.worker.fingerprint);
}

/** A worker's word that a task cannot be answered as it stands. */
export function takeInRefusal(draft: Draft, refusal: Refusal): void {
  const { state } = draft;
  const { of: kind, shard, version, attempt, cause, reason } = refusal;
  if (isEnded(state.status) || findTask(draft, { kind, shard, version })?.attempt !== attempt) {
    state.counters.late += 1;
    return;
  }
  taskFailed(draft, { kind, shard, version }, { cause, reason });
}

/** A contribution could not be used when it was to be added. */
export function takeInUnreadable(draft: Draft, { shard: index, version, cause, reason }: Unreadable): void {
  const shard = draft.state.shards[index];
  if (shard?.arrival?.version !== version || shard.answered === null) {
    contributionLost(draft, index, reason);
    return;
  }
  shard.task = shard.answered;
  shard.task.firstAttempt = shard.task.attempt + 1;
  shard.answered = null;
  shard.arrival = null;
  taskFailed(draft, { kind: 'solve', shard: index, version }, { cause, reason });
}
