/** Tasks as messages, made from the state alone: whoever holds a state can send its outbox. */
import {
  type EvaluateTask,
  PROTOCOL_VERSION,
  type SolveTask,
  type StoredVersion,
  type Task,
} from '../protocol/messages.ts';
import type { EvaluationTaskState, RunState, ShardState, VersionEntry } from '../protocol/state.ts';
import { versionEntry } from './versions.ts';

function stored({ penalty: _penalty, ...version }: VersionEntry): StoredVersion {
  return version;
}

function solveTask(state: RunState, index: number, shard: ShardState): SolveTask | null {
  if (shard.task === null) return null;
  const { version, attempt } = shard.task;
  const anchor = shard.contribution && versionEntry(state, shard.contribution.anchor);
  return {
    schema: PROTOCOL_VERSION,
    kind: 'solve',
    run: state.run,
    version,
    shard: index,
    attempt,
    from: stored(versionEntry(state, version)),
    dual: shard.contribution &&
      anchor && {
        contribution: { version: shard.contribution.version, digest: shard.contribution.digest },
        anchor: stored(anchor),
        penalty: anchor.penalty,
      },
    penalty: state.penalty,
  };
}

function evaluateTask(state: RunState, task: EvaluationTaskState): EvaluateTask {
  return {
    schema: PROTOCOL_VERSION,
    kind: task.kind,
    run: state.run,
    version: task.version,
    shard: 0,
    attempt: task.attempt,
    from: stored(versionEntry(state, task.version)),
  };
}

/** The tasks that the newest revision dispatched. Evaluations go first: decisions may wait for them. */
export function outboxOf(state: RunState): Task[] {
  const isNew = (task: { dispatchedRevision: number } | null) => task?.dispatchedRevision === state.revision;
  return [
    ...state.evaluations.outstanding.filter(isNew).map((task) => evaluateTask(state, task)),
    ...state.shards.flatMap((shard, i) => (isNew(shard.task) ? (solveTask(state, i, shard) ?? []) : [])),
  ];
}
