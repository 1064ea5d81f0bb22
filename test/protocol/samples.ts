import { sha256Hex } from '../../lib/codec/digest.ts';
import type { WorkerInfo } from '../../lib/protocol/figures.ts';
import { newCommitId, newNonce, newRunId } from '../../lib/protocol/ids.ts';
import {
  type Control,
  type EvaluateResult,
  type EvaluateTask,
  type Folded,
  type FoldJob,
  PROTOCOL_VERSION,
  type Refusal,
  type RunEvent,
  type SolveResult,
  type SolveTask,
  type StoredVersion,
  type Task,
  type Unfolded,
} from '../../lib/protocol/messages.ts';

const schema: typeof PROTOCOL_VERSION = PROTOCOL_VERSION;
const run = newRunId('sample');
const digest = sha256Hex('tensor');
const penalty = { input: 0.1, recurrent: 0.1, readout: 0.01 };
const from: StoredVersion = { version: 7, commitId: newCommitId(), digest, broadcastDigest: digest };
const worker: WorkerInfo = { id: 'worker-1', fingerprint: 'cpu/4.22.0' };

const solve: SolveTask = {
  ...{ schema, kind: 'solve', run, version: 7, shard: 2, attempt: 0, from, penalty },
  stepLength: 1,
  keepsConsensus: false,
  dual: { contribution: { version: 6, digest }, anchor: { ...from, broadcastDigest: null }, penalty },
};
const evaluate: EvaluateTask = { schema, kind: 'evaluate', run, version: 7, shard: 0, attempt: 1, from };

const answered = {
  schema,
  ...{ run, version: 7, shard: 0, attempt: 0, nonce: newNonce(), worker },
  ...{ startedAtMs: 1_700_000_000_000, finishedAtMs: 1_700_000_000_040 },
  seconds: { fetch: 0.01, solve: 0.02, upload: 0.01 },
  transferred: { readBytes: 1000, writtenBytes: 500 },
};
const solved: SolveResult = {
  ...answered,
  ...{ kind: 'solve', digest, sizeBytes: 500 },
  figures: { loss: 1.2, accuracy: 0.5, stepSquaredNorm: 0.1, dualSquaredNorm: 0, batchSamples: 250 },
};
const evaluated: EvaluateResult = {
  ...answered,
  ...{ kind: 'test', metrics: { loss: 1.1, accuracy: null, samples: 2000 } },
};
const refused: Refusal = {
  ...answered,
  kind: 'refusal',
  of: 'solve',
  cause: 'notFinite',
  reason: 'the solution is not finite',
};
const control: Control = { schema, kind: 'control', run, nonce: newNonce(), action: 'pause' };

const block = { schema, run, version: 8, commitId: from.commitId, block: 1, nonce: newNonce() };
const sums = { progress: -0.5, squaredDistance: 1, squaredMove: 0.1, squaredNorm: 2 };
const folded: Folded = {
  ...block,
  kind: 'folded',
  formed: { digest, broadcastDigest: digest, remainderDigest: null, length: 8, sums: [sums, sums] },
};
const unfolded: Unfolded = {
  ...block,
  kind: 'unfolded',
  contribution: { shard: 2, version: 7, cause: 'unreadable', reason: 'no object' },
};

/** A well-formed request for a block. */
export const foldJob: FoldJob = { ...block, kind: 'fold', digest };
/** A well-formed task of each kind. */
export const tasks: readonly Task[] = [solve, evaluate];
/** A well-formed event of each kind. */
export const events: readonly RunEvent[] = [solved, evaluated, refused, control, folded, unfolded];
