import { describe, expect, test } from 'vitest';
import type { Initializer } from '../../lib/protocol/config.ts';
import type { ParameterName } from '../../lib/protocol/parameters.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import { taskShape } from '../support/tasks.ts';

const H = 96;
const features = 60;
const dense = taskShape({ input: { kind: 'dense', features, scale: 1 } });
const words = taskShape({ input: { kind: 'oneHot', vocabulary: 500, padded: true } });

function draw(initializer: Initializer, shape = dense, seed = 3) {
  const drawn = drawInitialParameters(shape, { hiddenUnits: H, initializer, embeddingDeviation: 0.05 }, seed);
  return (name: ParameterName): Float32Array => drawn.get(name)?.data ?? new Float32Array();
}

const mean = (values: Float32Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;
const deviation = (values: Float32Array): number => Math.sqrt(mean(values.map((x) => x * x)));

/** Within four standard errors of the deviation of as many Gaussian numbers. */
function expectDeviation(values: Float32Array, expected: number): void {
  expect(Math.abs(deviation(values) / expected - 1)).toBeLessThan(4 / Math.sqrt(2 * values.length));
  expect(Math.abs(mean(values))).toBeLessThan((4 * expected) / Math.sqrt(values.length));
}

describe('initial parameters', () => {
  const kinds: Initializer[] = [
    { kind: 'orthogonal', gain: 1 },
    { kind: 'gaussian', gain: 1.5 },
    { kind: 'normal', standardDeviation: 0.01 },
    { kind: 'glorot' },
  ];
  for (const initializer of kinds) {
    test(`${initializer.kind}: the same from the same seed, others from another, biases zero`, () => {
      const [first, again, other] = [draw(initializer), draw(initializer), draw(initializer, dense, 4)];
      for (const name of ['U', 'W', 'V'] as const) {
        expect(first(name)).toEqual(again(name));
        expect(first(name)).not.toEqual(other(name));
      }
      expect([...first('b'), ...first('c')].every((x) => x === 0)).toBe(true);
    });
  }

  test('orthogonal: Wᵀ W is the gain squared times the identity', () => {
    const W = draw({ kind: 'orthogonal', gain: 1.2 })('W');
    for (let i = 0; i < H; i += 1) {
      for (let j = 0; j < H; j += 1) {
        let product = 0;
        for (let k = 0; k < H; k += 1) product += (W[k * H + i] ?? 0) * (W[k * H + j] ?? 0);
        expect(Math.abs(product - (i === j ? 1.44 : 0))).toBeLessThan(1e-5);
      }
    }
  });

  test('orthogonal: no sign is preferred', () => {
    const W = draw({ kind: 'orthogonal', gain: 1 })('W');
    expect(Math.abs(mean(W.filter((_, i) => i % (H + 1) === 0)))).toBeLessThan(
      4 / Math.sqrt(H) / Math.sqrt(H),
    );
  });

  test('orthogonal and gaussian: U and V are scaled by their fan-in', () => {
    for (const kind of ['orthogonal', 'gaussian'] as const) {
      const at = draw({ kind, gain: 1 });
      expectDeviation(at('U'), features ** -0.5);
      expectDeviation(at('V'), H ** -0.5);
    }
  });

  test('gaussian: W has the gain over √H', () => {
    expectDeviation(draw({ kind: 'gaussian', gain: 1.5 })('W'), 1.5 * H ** -0.5);
    expect(deviation(draw({ kind: 'gaussian', gain: 0 })('W'))).toBe(0);
  });

  test('normal: one deviation for all weights, one-hot inputs too', () => {
    const at = draw({ kind: 'normal', standardDeviation: 0.01 }, words);
    for (const name of ['U', 'W', 'V'] as const) expectDeviation(at(name), 0.01);
  });

  test('glorot: uniform up to its limit', () => {
    const at = draw({ kind: 'glorot' });
    const limits = { U: Math.sqrt(6 / (features + H)), W: Math.sqrt(6 / (H + H)), V: Math.sqrt(6 / (H + 5)) };
    for (const name of ['U', 'W', 'V'] as const) {
      expectDeviation(at(name), limits[name] / Math.sqrt(3));
      const largest = Math.max(...at(name).map(Math.abs));
      expect(largest).toBeLessThanOrEqual(Math.fround(limits[name]));
      expect(largest).toBeGreaterThan(0.95 * limits[name]);
    }
  });

  test('one-hot inputs: the rows of U have the deviation of an embedding', () => {
    for (const kind of ['orthogonal', 'gaussian'] as const)
      expectDeviation(draw({ kind, gain: 1 }, words)('U'), 0.05);
  });
});
