import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { chooseStepLength, type Direction } from '../../lib/admm/stepLength.ts';
import { type Batch, disposeBatch } from '../../lib/rnn/batch.ts';
import { evaluate } from '../../lib/rnn/evaluate.ts';
import type { Network } from '../../lib/rnn/network.ts';
import { disposeParameters, mapParameters } from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { taskShape } from '../support/tasks.ts';

/**
 * A network whose output is its bias c: with squared error to zero and c = 1, a step of −1 in c has the loss
 * ½ (1 − α)², which is lowest at α = 1.
 */
function biasAlone(targets: readonly number[]): Batch {
  const B = targets.length;
  return { inputs: tf.zeros([1, B, 1]), targets: tf.tensor2d([...targets], [B, 1]) };
}
const zeros = { U: [1, 1], W: [1, 1], b: [1], V: [1, 1], c: [1] };
const setWith = (c: number) =>
  mapParameters((name) => (name === 'c' ? tf.fill([1], c) : tf.zeros([...zeros[name]])));

const shape = taskShape({
  timeSteps: 1,
  input: { kind: 'dense', features: 1, scale: 1 },
  target: { kind: 'values', size: 1 },
});

describeOnBackends('the length of a step', (backend) => {
  const network = (): Network => ({ backend: backend(), shape, model: { cell: 'tanh', hiddenUnits: 1 } });

  /** α chosen along a step of `size` in c from c = 1, where the batch wants 0. */
  function chosen(size: number, last: number) {
    const before = tf.memory().numTensors;
    const direction: Direction = { broadcast: setWith(1), step: setWith(size) };
    const batch = biasAlone([0, 0]);
    const outputs = tf.fill([2, 1], 1) as tf.Tensor2D;
    const distance = chooseStepLength(network(), direction, { batch, outputs }, last);
    outputs.dispose();
    const { loss } = evaluate(network(), distance.point, [biasAlone([0, 0])]);
    expect(distance.loss).toBeCloseTo(loss, 6);
    expect(distance.point.c.dataSync()[0]).toBe(
      Math.fround(1 + Math.fround(Math.fround(distance.length) * size)),
    );
    for (const set of [direction.broadcast, direction.step, distance.point]) disposeParameters(set);
    disposeBatch(batch);
    expect(tf.memory().numTensors).toBe(before);
    return distance.length;
  }

  test('is at most twice the last one, and stays below the bound of over-relaxation', () => {
    expect(chosen(-0.1, 0.25)).toBe(0.5);
    expect(chosen(-0.1, 1)).toBe(1.2);
    expect(chosen(-0.1, 1.2)).toBe(1.2);
  });

  test('is taken whole where it raises the loss by less than a half', () => {
    // At 1.2 the loss is ½ (1 − 1.2 · 1.8)² = 0.673, of 0.5 at the start.
    expect(chosen(-1.8, 1)).toBe(1.2);
  });

  test('is halved as long as it multiplies the loss', () => {
    // At 1.2 the loss is 0.98, at 0.6 it is 0.02.
    expect(chosen(-2, 1)).toBe(0.6);
  });

  test('is judged by the first quarter of a large batch', () => {
    const quarter = new Array<number>(40).fill(0);
    const rest = new Array<number>(120).fill(10);
    const direction: Direction = { broadcast: setWith(1), step: setWith(-0.5) };
    const batch = biasAlone([...quarter, ...rest]);
    const outputs = tf.fill([160, 1], 1) as tf.Tensor2D;
    const { length, loss, point } = chooseStepLength(network(), direction, { batch, outputs }, 1);
    expect(length).toBe(1.2);
    // There c = 0.4.
    expect(loss).toBeCloseTo(0.5 * 0.4 ** 2, 6);
    for (const set of [direction.broadcast, direction.step, point]) disposeParameters(set);
    disposeBatch(batch);
    outputs.dispose();
  });

  test('is judged by no more than 64 samples, and by their own loss before the step', () => {
    const [first, rest] = [new Array<number>(64).fill(0), new Array<number>(336).fill(10)];
    const direction: Direction = { broadcast: setWith(1), step: setWith(-2) };
    const batch = biasAlone([...first, ...rest]);
    const outputs = tf.fill([400, 1], 1) as tf.Tensor2D;
    // For the rest, which wants 10, both lengths are as good as none: alone the 64 refuse the longer one.
    const { length, point } = chooseStepLength(network(), direction, { batch, outputs }, 1);
    expect(length).toBe(0.6);
    for (const set of [direction.broadcast, direction.step, point]) disposeParameters(set);
    disposeBatch(batch);
    outputs.dispose();
  });

  test('recovers from a step that is far too long at every trial', () => {
    const length = chosen(-1000, 1);
    expect(length).toBeLessThanOrEqual(1 / 256);
    expect(0.5 * (1 - 1000 * length) ** 2).toBeLessThanOrEqual(1.5 * 0.5);
  });

  test('is the shortest where nothing is finite', () => {
    expect(chosen(Number.POSITIVE_INFINITY, 1)).toBe(2 ** -10);
  });
});
