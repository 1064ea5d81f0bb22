import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { chooseStepLength, type Direction, pointAlong } from '../../lib/admm/stepLength.ts';
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

  /** α chosen along a step of `size` in c from c = 1, where the batch wants 0 and the probe `elsewhere`. */
  function chosen(size: number, last: number, elsewhere: number | null = null) {
    const before = tf.memory().numTensors;
    const direction: Direction = { broadcast: setWith(1), step: setWith(size) };
    const judges = {
      batch: biasAlone([0, 0]),
      probe: elsewhere === null ? null : biasAlone([elsewhere, elsewhere]),
    };
    const distance = chooseStepLength(network(), direction, judges, last);
    const point = pointAlong(direction, distance.length);
    const { loss } = evaluate(network(), point, [biasAlone([0, 0])]);
    expect(distance.own).toBeCloseTo(loss, 6);
    for (const set of [direction.broadcast, direction.step, point]) disposeParameters(set);
    for (const batch of [judges.batch, judges.probe]) if (batch !== null) disposeBatch(batch);
    expect(tf.memory().numTensors).toBe(before);
    return distance.length;
  }

  test('grows while twice as far lowers the loss enough', () => {
    expect(chosen(-0.1, 0.25)).toBe(0.5);
    expect(chosen(-0.1, 0.5)).toBe(1);
  });

  test('is the longest that reaches a share of the best decrease, not the best', () => {
    // At 0.4 · 2 the loss is 0.02, at 0.8 · 2 it is 0.18, of 0.5 at the start: both reach the share.
    expect(chosen(-2, 0.4)).toBe(0.8);
    // At 0.95 · 2 it is 0.405: too little of a decrease.
    expect(chosen(-2, 0.475)).toBe(0.475);
  });

  test('is judged by samples that the step was not made for', () => {
    // Twice as far would be chosen without them: see above.
    expect(chosen(-2, 0.4, 0.5)).toBe(0.4);
  });

  test('is judged by the first quarter of a large batch', () => {
    const quarter = new Array<number>(40).fill(0);
    const rest = new Array<number>(120).fill(1);
    const direction: Direction = { broadcast: setWith(1), step: setWith(-0.5) };
    const batch = biasAlone([...quarter, ...rest]);
    const { own } = chooseStepLength(network(), direction, { batch, probe: null }, 1);
    // At α = 1.5, c = 0.25.
    expect(own).toBeCloseTo(0.5 * 0.25 ** 2, 6);
    for (const set of [direction.broadcast, direction.step]) disposeParameters(set);
    disposeBatch(batch);
  });

  test('stays below the bound of over-relaxation', () => {
    expect(chosen(-0.1, 1)).toBe(1.5);
    expect(chosen(-0.1, 1.5)).toBe(1.5);
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
