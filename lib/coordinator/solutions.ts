/** Taking in the answers of shards: each (shard, version) counts once, whatever is delivered how often. */
import type { Arrival } from '../protocol/history.ts';
import type { Refusal, SolveResult } from '../protocol/messages.ts';
import { isEnded } from '../protocol/state.ts';
import type { Draft } from './advance.ts';
import { fail } from './endings.ts';

const remember = (list: string[], value: string): void => {
  if (!list.includes(value)) list.push(value);
};

function arrivalOf(result: SolveResult, samples: number, newest: number): Arrival {
  const { schema: _schema, kind: _kind, run: _run, nonce: _nonce, ...rest } = result;
  return { ...rest, samples, staleness: newest - result.version };
}

/** Notes what a task cost and who did it, whether or not its answer counts. */
function account({ state }: Draft, result: SolveResult): void {
  state.counters.workerReadBytes += result.transferred.readBytes;
  state.counters.workerWrittenBytes += result.transferred.writtenBytes;
  state.counters.workerSeconds += result.seconds.fetch + result.seconds.solve + result.seconds.upload;
}

/** A shard's contribution: taken in where it answers the outstanding task, counted as late or duplicate elsewhere. */
export function takeInSolution(draft: Draft, result: SolveResult): void {
  const { state } = draft;
  account(draft, result);
  const shard = state.shards[result.shard];
  if (isEnded(state.status) || state.status === 'finishing') {
    state.counters.late += 1;
  } else if (shard?.task?.version !== result.version) {
    state.counters.duplicates += 1;
  } else {
    shard.arrival = arrivalOf(result, shard.samples, state.version);
    shard.task = null;
    state.counters.samplesSeen += result.figures.batchSamples;
    remember(state.workers, result.worker.id);
    remember(state.fingerprints, result.worker.fingerprint);
  }
}

/** A worker's word that a task cannot be answered as it stands. */
export function takeInRefusal(draft: Draft, refusal: Refusal): void {
  const { state } = draft;
  const evaluation = state.evaluations.outstanding.find(
    (task) => task.kind === refusal.of && task.version === refusal.version,
  );
  const task = refusal.of === 'solve' ? state.shards[refusal.shard]?.task : evaluation;
  if (isEnded(state.status) || task?.version !== refusal.version || task.attempt !== refusal.attempt) {
    state.counters.late += 1;
    return;
  }
  refuse(draft, { kind: refusal.of, shard: refusal.shard, version: refusal.version, reason: refusal.reason });
}

interface Bad {
  readonly kind: 'solve' | 'evaluate' | 'test';
  readonly shard: number;
  readonly version?: number;
  readonly reason: string;
}

/** Asks again for what came back bad, unchanged, until `faults.maxAttempts` is reached; then the run fails. */
export function refuse(draft: Draft, bad: Bad): void {
  const { state, clock, config } = draft;
  state.counters.refused += 1;
  const shard = state.shards[bad.shard];
  if (bad.kind === 'solve' && shard?.arrival) {
    const { version, attempt } = shard.arrival;
    shard.arrival = null;
    shard.task = { version, attempt, dispatchedAtMs: clock.nowMs, dispatchedRevision: clock.revision };
  }
  const task =
    bad.kind === 'solve'
      ? shard?.task
      : state.evaluations.outstanding.find((t) => t.kind === bad.kind && t.version === bad.version);
  if (!task) return;
  task.attempt += 1;
  task.dispatchedAtMs = clock.nowMs;
  task.dispatchedRevision = clock.revision;
  if (task.attempt >= config.faults.maxAttempts) {
    const what = bad.kind === 'solve' ? `shard ${bad.shard}` : `${bad.kind} task`;
    fail(draft, `${what} of version ${task.version} refused ${task.attempt} times: ${bad.reason}`);
  }
}
