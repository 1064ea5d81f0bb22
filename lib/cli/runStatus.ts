/** Everything of a run's state that a person may want to know, as data. */
import { type RunRow, runRow } from '../observe/runList.ts';
import type { RunView } from '../observe/runView.ts';
import { modelDigest } from '../observe/summary.ts';
import type { Metrics } from '../protocol/figures.ts';
import type { Residuals } from '../protocol/history.ts';
import { isEnded, type MeasuredVersion, type RunState } from '../protocol/state.ts';

/** A task that is out, or a block of the next version. */
export interface WaitingTask {
  readonly kind: 'solve' | 'evaluate' | 'test' | 'fold';
  /** Of a subproblem; null of all else. */
  readonly shard: number | null;
  /** Of a fold in blocks. */
  readonly block?: number;
  readonly version: number;
  /** Times it was asked for again. */
  readonly attempt: number;
  readonly waitingSeconds: number;
}

export interface RunStatusReport extends RunRow {
  /** Whether a session has the directory open, so that an unfinished run may go on. */
  readonly session: boolean;
  /** Of the newest round, over the batches at the broadcast points. */
  readonly batch: { readonly loss: number; readonly accuracy: number | null } | null;
  readonly residuals: Residuals | null;
  /** σ by parameter group. */
  readonly penalty: RunState['penalty'];
  readonly waiting: readonly WaitingTask[];
  /** Newest and best evaluation on validation data. */
  readonly evaluations: { readonly latest: MeasuredVersion | null; readonly best: MeasuredVersion | null };
  readonly model: {
    readonly version: number;
    readonly digest: string | null;
    readonly validation: Metrics;
    readonly test: Metrics | null;
  } | null;
  readonly counters: RunState['counters'];
  readonly workers: readonly string[];
  readonly fingerprints: readonly string[];
  /** Whether the same config gives the same bytes again: a synchronous run on one kind of backend does. */
  readonly reproducible: boolean;
}

function waitingTasks(state: RunState, nowMs: number): WaitingTask[] {
  const since = (dispatchedAtMs: number): number => Math.max(0, nowMs - dispatchedAtMs) / 1000;
  const subproblems = state.shards.flatMap(({ task }, shard): WaitingTask[] => {
    if (task === null) return [];
    const { version, attempt, dispatchedAtMs } = task;
    return [{ kind: 'solve', shard, version, attempt, waitingSeconds: since(dispatchedAtMs) }];
  });
  const evaluations = state.evaluations.outstanding.map(
    ({ kind, version, attempt, dispatchedAtMs }): WaitingTask => {
      return { kind, shard: null, version, attempt, waitingSeconds: since(dispatchedAtMs) };
    },
  );
  const blocks = state.fold?.blocks.flatMap(({ formed, attempt, dispatchedAtMs }, block): WaitingTask[] => {
    const waitingSeconds = since(dispatchedAtMs);
    const version = state.fold?.version ?? 0;
    return formed === null ? [{ kind: 'fold', shard: null, block, version, attempt, waitingSeconds }] : [];
  });
  return [...subproblems, ...evaluations, ...(blocks ?? [])];
}

/**
 * How a run stands.
 *
 * @throws IntegrityError where the state does not list the version it chose.
 */
export function runStatus(
  { config, state }: Pick<RunView, 'config' | 'state'>,
  { session, nowMs }: { readonly session: boolean; readonly nowMs: number },
): RunStatusReport {
  const { latest, best } = state.evaluations;
  return {
    ...runRow({ config, state }),
    session,
    batch: state.latest,
    residuals: state.residuals,
    penalty: state.penalty,
    waiting: isEnded(state.status) ? [] : waitingTasks(state, nowMs),
    evaluations: { latest, best },
    model: state.model && { ...state.model, digest: modelDigest(state) },
    counters: state.counters,
    workers: state.workers,
    fingerprints: state.fingerprints,
    reproducible: config.consensus.mode === 'sync' && state.fingerprints.length <= 1,
  };
}
