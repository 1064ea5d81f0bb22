/** Messages and outcomes of a simulated run: well-formed, and without any bytes behind them. */
import { sha256Hex } from '../../lib/codec/digest.ts';
import type { CoordinatorEvent } from '../../lib/coordinator/events.ts';
import { STRIPES } from '../../lib/protocol/blocks.ts';
import type { FoldRequest } from '../../lib/protocol/foldPlan.ts';
import { newNonce } from '../../lib/protocol/ids.ts';
import { type Folded, type FoldJob, PROTOCOL_VERSION, type Task } from '../../lib/protocol/messages.ts';

export const COMMIT_ID = '0'.repeat(26);
export const ZERO_DIGEST = sha256Hex('0');

/** The same for the same task, between 0.75 and 1.25. */
export function variation(shard: number, version: number): number {
  return 0.75 + 0.5 * ((((shard + 1) * 0.6180339887 + version * 0.7548776662) % 1) as number);
}

export function answerTo(task: Task, nowSeconds: number): CoordinatorEvent {
  const { run, version, shard, attempt } = task;
  const at = Math.round(nowSeconds * 1000);
  const figure = (nth: number): number => variation(shard + 0.1 * nth, version) - 0.5;
  const common = {
    ...({ schema: PROTOCOL_VERSION } as const),
    ...{ run, version, shard, attempt, nonce: newNonce(), startedAtMs: at, finishedAtMs: at },
    worker: { id: `worker-${shard}`, fingerprint: 'simulated/1' },
    // With all the digits that measured figures have: the state's size comes of them.
    seconds: { fetch: figure(0), solve: figure(1), upload: figure(2) },
    transferred: { readBytes: 0, writtenBytes: 0 },
  };
  if (task.kind !== 'solve') {
    return { ...common, kind: task.kind, metrics: { loss: 1, accuracy: 0.5, samples: 1 } };
  }
  const figures = {
    ...{ loss: figure(3), accuracy: figure(4), stepSquaredNorm: figure(5), dualSquaredNorm: figure(6) },
    batchSamples: 250,
    subproblem: {
      ...{ stepLength: 1, lossAfter: figure(7), augmentedLagrangian: figure(8) },
      ...{ affineResidual: figure(9), activationResidual: figure(10), outputResidual: figure(11) },
    },
  };
  return { ...common, kind: 'solve', digest: sha256Hex(`${shard}/${version}`), sizeBytes: 1, figures };
}

export const formedOf = (version: number, keepsRemainder: boolean): CoordinatorEvent => ({
  kind: 'formed',
  stored: { version, commitId: COMMIT_ID, digest: ZERO_DIGEST, broadcastDigest: null },
  remainderDigest: keepsRemainder ? ZERO_DIGEST : null,
  residuals: { primal: 1, dual: 1 },
});

export const plannedOf = ({ version }: FoldRequest): CoordinatorEvent => ({
  ...{ kind: 'planned', of: 'round', version, commitId: COMMIT_ID, digest: ZERO_DIGEST },
});

const SUMS = { progress: 1, squaredDistance: 1, squaredMove: 1, squaredNorm: 1 };

export function foldedOf({ schema, run, version, commitId, block }: FoldJob, blocks: number): Folded {
  const digests = { digest: ZERO_DIGEST, broadcastDigest: ZERO_DIGEST, remainderDigest: null };
  const sums = Array.from({ length: STRIPES / blocks }, () => SUMS);
  const head = { schema, run, version, commitId, block, nonce: newNonce() };
  return { ...head, kind: 'folded', formed: { ...digests, length: 1, sums } };
}
