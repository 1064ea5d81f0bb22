/**
 * A worker's answer without a network: θ_i is the step of a shard's own quadratic from z̃, in a few floating-point
 * operations. It reads and writes what a worker does, so the protocol around it is the real one.
 */
import type { ObjectStore } from '../../lib/cloud/objectStore.ts';
import { checksumHex } from '../../lib/codec/checksum.ts';
import {
  decodeParameters,
  encodeParameters,
  type ParameterVector,
} from '../../lib/coordinator/parameterVector.ts';
import { newNonce } from '../../lib/protocol/ids.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import {
  PROTOCOL_VERSION,
  type RunEvent,
  type StoredVersion,
  type Task,
} from '../../lib/protocol/messages.ts';

async function read(store: ObjectStore, key: string): Promise<ParameterVector> {
  const object = await store.get(key);
  if (object === null) throw new Error(`nothing at ${key}`);
  return decodeParameters(object.body, key);
}

const versionKey = (
  run: string,
  { version, commitId, broadcastDigest }: StoredVersion,
  broadcast: boolean,
) => {
  const keys = runKeys(run);
  return broadcast && broadcastDigest !== null
    ? keys.broadcast(version, commitId)
    : keys.consensus(version, commitId);
};

/** Where the quadratic of a shard has its minimum: another place for every shard, moving a little with the version. */
export const minimumAt = (shard: number, version: number, i: number): number =>
  Math.sin(1 + shard * 7.3 + i * 1.7) + 0.05 * Math.sin(version * 12.9 + i);

/** argmin_θ ½(θ − m)² + σ/2 (θ − z̃ + y)². */
export const quadraticStep = (minimum: number, point: number, dual: number, sigma: number): number =>
  (minimum + sigma * (point - dual)) / (1 + sigma);

async function dualOf(store: ObjectStore, task: Task & { kind: 'solve' }, length: number) {
  const zero = new Float32Array(length);
  if (task.dual === null) return zero;
  const { contribution, anchor, penalty } = task.dual;
  const [w, a] = await Promise.all([
    read(store, runKeys(task.run).contribution(task.shard, contribution.version, contribution.digest)),
    read(store, versionKey(task.run, anchor, false)),
  ]);
  const ratio = Math.fround(penalty.recurrent / task.penalty.recurrent);
  return zero.map((_, i) => Math.fround((w.values[i] as number) - (a.values[i] as number)) * ratio);
}

function answered({ run, version, shard, attempt }: Task, worker: string, nowMs: number) {
  return {
    schema: PROTOCOL_VERSION,
    ...{ run, version, shard, attempt, nonce: newNonce() },
    worker: { id: worker, fingerprint: 'quadratic' },
    ...{ startedAtMs: nowMs, finishedAtMs: nowMs },
    seconds: { fetch: 0, solve: 1, upload: 0 },
    transferred: { readBytes: 0, writtenBytes: 0 },
  } as const;
}

/** Reads what a task needs, uploads the contribution, and gives the message that answers it. */
export async function answerCheaply(
  store: ObjectStore,
  task: Task,
  worker: string,
  nowMs: number,
): Promise<RunEvent> {
  const { layout, values } = await read(store, versionKey(task.run, task.from, task.kind === 'solve'));
  const common = answered(task, worker, nowMs);
  if (task.kind !== 'solve') {
    const loss = values.reduce((sum, value, i) => sum + (value - Math.sin(i)) ** 2, 0);
    return { ...common, kind: task.kind, metrics: { loss, accuracy: 0.5, samples: 10 } };
  }
  const dual = await dualOf(store, task, values.length);
  const theta = values.map((value, i) =>
    task.keepsConsensus
      ? value
      : quadraticStep(
          minimumAt(task.shard, task.version, i),
          value,
          dual[i] as number,
          task.penalty.recurrent,
        ),
  );
  const bytes = encodeParameters({ layout, values: theta.map((x, i) => x + (dual[i] as number)) });
  const digest = checksumHex(bytes);
  await store.create(runKeys(task.run).contribution(task.shard, task.version, digest), bytes);
  const stepSquaredNorm = theta.reduce((sum, x, i) => sum + (x - (values[i] as number)) ** 2, 0);
  const dualSquaredNorm = dual.reduce((sum, y) => sum + y * y, 0);
  const figures = { loss: 1, accuracy: 0.5, stepSquaredNorm, dualSquaredNorm, batchSamples: 10 };
  return { ...common, kind: 'solve', digest, sizeBytes: bytes.length, figures };
}
