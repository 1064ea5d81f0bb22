import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WeightedSum } from '../../lib/consensus/average.ts';
import type { Layout } from '../../lib/consensus/layout.ts';
import { extrapolate } from '../../lib/consensus/momentum.ts';
import { consensusStep } from '../../lib/consensus/prox.ts';
import { dualResidual, primalResidual, residualSums, type Update } from '../../lib/consensus/residuals.ts';
import { SumBuffer } from '../../lib/consensus/sumBuffer.ts';

const layout: Layout = {
  length: 4,
  segments: [
    { name: 'W', shape: [1, 2], start: 0, end: 2, group: 'recurrent', decays: true },
    { name: 'c', shape: [2], start: 2, end: 4, group: 'readout', decays: false },
  ],
};
/** w̄ rounded once to float32. */
const averageOf = (sum: WeightedSum) => Float32Array.from(sum.mean().values);
const penalty = { input: 1, recurrent: 2, readout: 0.5 };
const vector = fc.float32Array({
  minLength: 4,
  maxLength: 4,
  noNaN: true,
  noDefaultInfinity: true,
  min: -100,
  max: 100,
});

describe('the weighted average', () => {
  test('is Σ n_i w_i / Σ n_i', () => {
    const sum = new WeightedSum(new SumBuffer(2));
    sum.add(Float32Array.of(1, 10), 1);
    sum.add(Float32Array.of(4, -2), 3);
    expect([...averageOf(sum)]).toEqual([3.25, 1]);
  });

  test('of equal vectors is that vector, to the last bit', () => {
    fc.assert(
      fc.property(
        vector,
        fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 9 }),
        (w, weights) => {
          const sum = new WeightedSum(new SumBuffer(4));
          for (const weight of weights) sum.add(w, weight);
          expect([...averageOf(sum)]).toEqual([...w].map((x) => x + 0));
        },
      ),
    );
  });

  test('refuses vectors of another length, and an average of nothing', () => {
    expect(() => new WeightedSum(new SumBuffer(2)).add(new Float32Array(3), 1)).toThrow(
      'expected 2 values, received 3',
    );
    expect(() => averageOf(new WeightedSum(new SumBuffer(2)))).toThrow('expected a positive weight');
  });
});

describe('the consensus prox', () => {
  test('minimises λ/2‖z‖² + σ/2‖z − w̄‖² for weights and leaves biases alone', () => {
    const mean = Float64Array.of(3, -6, 5, 7);
    const decay = { recurrent: 1, readout: 1, input: 1 };
    const z = new Float32Array(4);
    consensusStep(mean, layout, penalty, decay, z);
    expect([...z]).toEqual([2, -4, 5, 7]);
    const objective = (x: number) => 0.5 * x * x + 0.5 * penalty.recurrent * (x - 3) ** 2;
    for (const nearby of [1.9, 1.99, 2.01, 2.1]) expect(objective(nearby)).toBeGreaterThan(objective(2));
  });

  test('decays what float32 makes of w̄', () => {
    const mean = Float64Array.of(1 / 3, 0.1, 1 / 7, 1e-50);
    const z = new Float32Array(4);
    consensusStep(mean, layout, penalty, { recurrent: 1, readout: 0, input: 0 }, z);
    const average = [...mean].map(Math.fround);
    const factor = penalty.recurrent / (penalty.recurrent + 1);
    expect([...z]).toEqual(average.map((x, i) => (i < 2 ? Math.fround(x * factor) : x)));
  });

  test('without weight decay z is w̄ itself, even where σ is 0', () => {
    const none = { recurrent: 0, readout: 0, input: 0 };
    const z = new Float32Array(4);
    consensusStep(Float64Array.of(1, 0.1, 3, 4), layout, none, none, z);
    expect([...z]).toEqual([1, Math.fround(0.1), 3, 4]);
  });
});

describe('momentum', () => {
  test('unrolls the heavy ball: v ← μ v + w̄ − z̃, z̃ ← z̃ + v', () => {
    const averages = [1, 3, 2, 5].map((x) => Float32Array.of(x, -x));
    const mu = 0.5;
    let [expected, velocity] = [0, 0];
    let broadcast = new Float32Array(2);
    let previous: Float32Array | null = null;
    for (const average of averages) {
      velocity = mu * velocity + (average[0] as number) - expected;
      expected += velocity;
      const next = average.slice();
      if (previous !== null) extrapolate(average, broadcast, previous, mu, next);
      [previous, broadcast] = [broadcast, next];
      expect(broadcast[0]).toBeCloseTo(expected, 6);
      expect(broadcast[1]).toBeCloseTo(-expected, 6);
    }
  });
});

const squaredDistance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, x, i) => sum + (x - (b[i] as number)) ** 2, 0);

describe('residuals', () => {
  test('the primal residual is that of the θ_i, from norms and the average alone, where Σ n_i y_i = 0', () => {
    fc.assert(
      fc.property(
        vector,
        vector,
        vector,
        fc.constantFrom(1, 1.6, 0.7),
        (broadcast, thetaA, thetaB, relaxation) => {
          const weights = [1, 3];
          const thetas = [thetaA, thetaB];
          const share = (i: number) => (weights[i] as number) / 4;
          // w_i = αθ_i + (1−α)z̃ + y_i with duals that cancel out.
          const duals = [Float32Array.of(3, 0, -6, 9), Float32Array.of(-1, 0, 2, -3)];
          const sum = new WeightedSum(new SumBuffer(4));
          for (const [i, theta] of thetas.entries()) {
            const w = theta.map((x, j) => {
              const relaxed = relaxation * x + (1 - relaxation) * (broadcast[j] as number);
              return relaxed + (duals[i]?.[j] as number);
            });
            sum.add(w, weights[i] as number);
          }
          const consensus = averageOf(sum);
          const direct = Math.sqrt(
            thetas.reduce((s, theta, i) => s + share(i) * squaredDistance(theta, consensus), 0),
          );
          const steps = thetas.reduce((s, theta, i) => s + share(i) * squaredDistance(theta, broadcast), 0);
          const update = { mean: Float64Array.from(consensus), change: null };
          const versions = { current: broadcast, broadcast };
          const { progress } = residualSums(consensus, versions, update, layout, penalty);
          const distance = squaredDistance(consensus, broadcast);
          const terms = {
            ...{ meanStepSquaredNorm: steps, progress, relaxation },
            squaredDistance: distance,
          };
          // Its square is a difference of squares, which float32 rounds by a share of theirs.
          const rounding = 1e-5 * (1 + steps + distance);
          expect(Math.abs(primalResidual(terms) ** 2 - direct ** 2)).toBeLessThanOrEqual(rounding);
        },
      ),
    );
  });

  test('the dual residual weighs each group by its penalty', () => {
    const before = Float32Array.of(0, 0, 0, 0);
    const after = Float32Array.of(3, 0, 0, 4);
    const update = { mean: Float64Array.from(after), change: null };
    const sums = residualSums(after, { current: before, broadcast: after }, update, layout, penalty);
    expect(dualResidual(sums)).toBeCloseTo(Math.hypot(2 * 3, 0.5 * 4), 12);
  });

  test('the sums of parts are those of the whole, and of what they are called', () => {
    fc.assert(
      fc.property(vector, vector, vector, fc.integer({ min: 0, max: 4 }), (z, current, broadcast, cut) => {
        const update = { mean: Float64Array.from(current), change: null };
        const sumsOver = (start: number, end: number) =>
          residualSums(z, { current, broadcast }, update, layout, penalty, { start, end });
        const [whole, left, right] = [sumsOver(0, 4), sumsOver(0, cut), sumsOver(cut, 4)];
        const close = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-12 * (1 + b));
        close(left.squaredDistance + right.squaredDistance, whole.squaredDistance);
        close(left.squaredMove + right.squaredMove, whole.squaredMove);
        close(left.squaredNorm + right.squaredNorm, whole.squaredNorm);
        close(whole.squaredDistance, squaredDistance(z, broadcast));
        close(whole.squaredNorm, squaredDistance(z, new Float32Array(4)));
      }),
    );
  });

  test('progress is measured along w̄ − z̃, and in a partial update along what arrived, by its share of the samples', () => {
    const broadcast = Float32Array.of(1, 1, 1, 1);
    const z = Float32Array.of(3, 1, 0, 1);
    const mean = Float64Array.of(2, 9, 5, 9);
    const progressOf = (change: Update['change'], range?: { start: number; end: number }) =>
      residualSums(z, { current: z, broadcast }, { mean, change }, layout, penalty, range).progress;
    expect(progressOf(null)).toBe(1 * 2 + 4 * -1);
    expect(progressOf(null, { start: 1, end: 3 })).toBe(4 * -1);
    expect(progressOf({ values: Float64Array.of(7, 9, -2, 9), share: 0.25 })).toBe((7 * 2 + -2 * -1) / 0.25);
  });
});
