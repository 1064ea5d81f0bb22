import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { proxCrossEntropy, proxSquaredError } from '../../lib/admm/prox.ts';
import { describeOnBackends } from '../support/backends.ts';
import { scatter } from '../support/tasks.ts';

const M = 12;
const K = 5;
const labels = Array.from({ length: M }, (_, i) => (3 * i) % K);
const oneHot = labels.map((label) => Array.from({ length: K }, (_, k) => (k === label ? 1 : 0)));

const softmax = (o: readonly number[]): number[] => {
  const top = Math.max(...o);
  const e = o.map((x) => Math.exp(x - top));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((x) => x / sum);
};

/** Minimises −log softmax(o)_label + ρ/2 ‖o − q‖² by many short gradient steps: slow, and hard to get wrong. */
function minimise(q: readonly number[], label: number, rho: number): number[] {
  const rate = 1 / (rho + 1);
  let o = [...q];
  for (let i = 0; i < 40 / (rate * rho); i += 1) {
    const p = softmax(o);
    o = o.map((x, k) => x - rate * ((p[k] ?? 0) - (k === label ? 1 : 0) + rho * (x - (q[k] ?? 0))));
  }
  return o;
}

describeOnBackends('the proximal operator', () => {
  // From logits near zero to confidently wrong ones, where an undamped Newton's method runs in circles.
  for (const [rho, scale] of [
    [1, 1],
    [1, 30],
    [0.1, 20],
    [0.01, 10],
    [10, 5],
  ] as const) {
    test(`of the cross-entropy minimises, with ρ = ${rho} and logits within ±${scale / 2}`, () => {
      const q = Array.from({ length: M }, (_, i) => scatter(K, 11 * i).map((x) => Math.fround(x * scale)));
      const solved = tf.tidy(() => proxCrossEntropy(tf.tensor2d(q), tf.tensor2d(oneHot), rho).arraySync());
      solved.forEach((o, i) => {
        const expected = minimise(q[i] ?? [], labels[i] ?? 0, rho);
        const size = Math.max(1, ...expected.map(Math.abs));
        for (const [k, value] of o.entries()) {
          expect(Math.abs(value - (expected[k] ?? Number.NaN)) / size).toBeLessThan(2e-5);
        }
      });
    });
  }

  test('of the squared error is the weighted mean of target and start', () => {
    const solved = tf.tidy(() =>
      proxSquaredError(tf.tensor2d([[1, -2]]), tf.tensor2d([[4, 1]]), 0.5).arraySync(),
    );
    expect(solved[0]?.[0]).toBeCloseTo((4 + 0.5) / 1.5, 6);
    expect(solved[0]?.[1]).toBeCloseTo((1 - 1) / 1.5, 6);
  });

  test('comes to an end from logits that are not numbers', () => {
    const solved = tf.tidy(() =>
      proxCrossEntropy(tf.tensor2d([[Number.NaN, 0]]), tf.tensor2d([[1, 0]]), 1).arraySync(),
    );
    expect(solved[0]?.every(Number.isNaN)).toBe(true);
  });

  test('leaves nothing behind but its answer', () => {
    const [q, rows] = [tf.tensor2d(scatter(M * K), [M, K]), tf.tensor2d(oneHot)];
    const before = tf.memory().numTensors;
    proxCrossEntropy(q, rows, 1).dispose();
    proxSquaredError(q, rows, 1).dispose();
    expect(tf.memory().numTensors).toBe(before);
    for (const tensor of [q, rows]) tensor.dispose();
  });
});
