import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { sha256Hex } from '../codec/digest.ts';
import { everySample } from './samples.ts';

/**
 * The random stream that belongs to a purpose and its integers, such as `('batch', seed, shard, epoch)`.
 *
 * The generator's whole 128-bit state is drawn from a SHA-256 digest, so that neighbouring seeds give unrelated
 * streams, and two purposes never share one.
 */
export function randomStream(purpose: string, ...integers: readonly number[]): RandomGenerator {
  const digest = sha256Hex(`padmm/${purpose}/${integers.join('/')}`);
  const word = (index: number): number => Number.parseInt(digest.slice(8 * index, 8 * index + 8), 16) | 0;
  return xoroshiro128plusFromState([word(0), word(1), word(2), word(3)]);
}

/** The numbers 0 … `count` − 1 in random order, each order equally likely (Fisher and Yates; Durstenfeld 1964). */
export function permutation(count: number, stream: RandomGenerator): Int32Array {
  const order = everySample(count);
  for (let last = count - 1; last > 0; last--) {
    const other = uniformInt(stream, 0, last);
    const moved = order[last] as number;
    order[last] = order[other] as number;
    order[other] = moved;
  }
  return order;
}
