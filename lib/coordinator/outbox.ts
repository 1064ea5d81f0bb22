/** Tasks as messages, made from the state alone: whoever holds a state can send its outbox. */
import type { GroupPenalties } from '../protocol/figures.ts';
import { contributionName } from '../protocol/foldPlan.ts';
import { newNonce } from '../protocol/ids.ts';
import {
  type EvaluateTask,
  type FoldJob,
  PROTOCOL_VERSION,
  type SolveTask,
  type StoredVersion,
  type Task,
} from '../protocol/messages.ts';
import type {
  EvaluationTaskState,
  OutstandingTask,
  RunState,
  ShardState,
  VersionEntry,
} from '../protocol/state.ts';
import { penaltyFactorOf } from './tasks.ts';
import { versionEntry } from './versions.ts';

function stored(entry: VersionEntry): StoredVersion {
  const { penalty: _p, nextPenalty: _n, remainderDigest: _r, ...version } = entry;
  return version;
}

/** σ of one shard: that of the others, or a larger one that it was granted. */
const scaled = ({ input, recurrent, readout }: GroupPenalties, factor: number): GroupPenalties => ({
  ...{ input: input * factor, recurrent: recurrent * factor, readout: readout * factor },
});

function solveTask(state: RunState, index: number, shard: ShardState): SolveTask | null {
  if (shard.task === null) return null;
  const { version, attempt, remedy } = shard.task;
  const { contribution } = shard;
  const anchor = contribution && versionEntry(state, contribution.anchor);
  const from = versionEntry(state, version);
  return {
    schema: PROTOCOL_VERSION,
    kind: 'solve',
    run: state.run,
    version,
    shard: index,
    attempt,
    from: stored(from),
    dual: contribution &&
      anchor && {
        contribution: contributionName(contribution),
        anchor: stored(anchor),
        penalty: scaled(anchor.penalty, contribution.penaltyFactor),
      },
    penalty: scaled(from.nextPenalty, penaltyFactorOf(remedy)),
    stepLength: shard.stepLength,
    keepsConsensus: remedy === 'keepConsensus',
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

/** What a message group of the folds queue has between run and block, and no other group has. */
export const BLOCK_GROUP = '/block-';

/** Message group of the jobs for one block: none waits for those of another. */
export const blockGroup = ({ run, block }: FoldJob): string => `${run}${BLOCK_GROUP}${block}`;

/** The blocks that the newest revision asked for. Each job has a nonce of its own, so that none is taken for another. */
export function foldJobsOf({ run, revision, fold }: RunState): FoldJob[] {
  if (fold === null) return [];
  const { version, commitId, digest } = fold;
  return fold.blocks.flatMap(({ dispatchedRevision, formed }, block) =>
    formed !== null || dispatchedRevision !== revision
      ? []
      : [
          {
            schema: PROTOCOL_VERSION,
            kind: 'fold',
            run,
            version,
            commitId,
            digest,
            block,
            nonce: newNonce(),
          },
        ],
  );
}

/** The tasks that the newest revision dispatched. Evaluations go first: decisions may wait for them. */
export function outboxOf(state: RunState): Task[] {
  const isNew = (task: OutstandingTask | null) =>
    task?.dispatchedRevision === state.revision && task.retryAtMs === null;
  return [
    ...state.evaluations.outstanding.filter(isNew).map((task) => evaluateTask(state, task)),
    ...state.shards.flatMap((shard, i) => (isNew(shard.task) ? (solveTask(state, i, shard) ?? []) : [])),
  ];
}
