import { createHash } from 'node:crypto';
import { ConfigError } from '../errors.ts';
import type { Sharding } from '../protocol/config.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import { permutation, randomStream } from './random.ts';
import type { Samples } from './samples.ts';

/** How samples are dealt out. */
export interface ShardingPlan {
  readonly kind: Sharding;
  /** N. */
  readonly shards: number;
  readonly seed: number;
}

const bytesOf = (array: ArrayBufferView, from: number, to: number, bytesPerElement: number): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset + from * bytesPerElement, (to - from) * bytesPerElement);

/** SHA-256 of one sample's inputs and targets. */
function sampleDigest({ count, inputs, targets }: Samples, index: number): string {
  const hash = createHash('sha256');
  for (const array of [inputs, targets]) {
    const size = array.length / count;
    hash.update(bytesOf(array, index * size, (index + 1) * size, array.BYTES_PER_ELEMENT));
  }
  return hash.digest('hex');
}

function orderByDigest(samples: Samples, members: Int32Array): Int32Array {
  const digests = new Map<number, string>();
  for (const index of members) digests.set(index, sampleDigest(samples, index));
  const rank = (index: number): string => digests.get(index) as string;
  return members.slice().sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : a - b));
}

function shuffle(members: Int32Array, seed: number): Int32Array {
  return permutation(members.length, randomStream('sharding', seed)).map((at) => members[at] as number);
}

function orderByLabel(samples: Samples, members: Int32Array, shape: TaskShape, seed: number): Int32Array {
  if (shape.target.kind !== 'classes' || shape.readout !== 'last') {
    const expected = 'iid or hash, as a sample of this dataset has no one label';
    throw new ConfigError('run config', [{ field: 'dataset.sharding', expected, received: 'label' }]);
  }
  const label = (index: number): number => samples.targets[index] as number;
  return shuffle(members, seed).sort((a, b) => label(a) - label(b));
}

/**
 * Deals the samples `members` out to N shards whose sizes differ by one at most. `iid` cuts a permutation drawn from
 * the seed; `label` cuts the same one after a stable sort by label, so that a shard sees few labels; `hash` cuts the
 * order of the samples' digests, which depends neither on the seed nor on the order in the files.
 *
 * @returns for each shard the indices of its samples, none empty.
 * @throws ConfigError on `shards` where there are fewer samples than shards, and on `dataset.sharding` where samples
 *   have no one label to sort by.
 */
export function dealShards(
  samples: Samples,
  members: Int32Array,
  shape: TaskShape,
  { kind, shards, seed }: ShardingPlan,
): Int32Array[] {
  if (members.length < shards) {
    const expected = `at most ${members.length}, the number of training samples once validation is held out`;
    throw new ConfigError('run config', [{ field: 'shards', expected, received: `${shards}` }]);
  }
  const order = {
    iid: () => shuffle(members, seed),
    label: () => orderByLabel(samples, members, shape, seed),
    hash: () => orderByDigest(samples, members),
  }[kind]();
  const cut = (shard: number): number => Math.floor((shard * order.length) / shards);
  return Array.from({ length: shards }, (_, shard) => order.slice(cut(shard), cut(shard + 1)));
}
