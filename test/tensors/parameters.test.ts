import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { ArrayTensor, TensorArray } from '../../lib/codec/safetensors.ts';
import { IntegrityError } from '../../lib/errors.ts';
import { parameterNames } from '../../lib/protocol/parameters.ts';
import {
  disposeParameters,
  downloadParameters,
  squaredNorm,
  uploadParameters,
} from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { squaredDistance } from '../support/squaredDistance.ts';

const shapes = { U: [2, 3], W: [3, 3], b: [3], V: [3, 2], c: [2] };

function draw(value = (i: number) => i + 0.5): Map<string, ArrayTensor<TensorArray>> {
  return new Map(
    parameterNames.map((name) => {
      const length = shapes[name].reduce((a, b) => a * b, 1);
      return [name, { shape: shapes[name], data: Float32Array.from({ length }, (_, i) => value(i)) }];
    }),
  );
}

describeOnBackends('parameters', () => {
  test('come back as they went, in the order in which they are stored', () => {
    const set = uploadParameters(draw(), shapes);
    const stored = downloadParameters(set);
    expect([...stored.keys()]).toEqual(['U', 'W', 'b', 'V', 'c']);
    expect(stored).toEqual(draw());
    disposeParameters(set);
  });

  test('do not follow their arrays when these change', () => {
    const arrays = draw();
    const set = uploadParameters(arrays, shapes);
    for (const { data } of arrays.values()) data.fill(0);
    expect(downloadParameters(set)).toEqual(draw());
    disposeParameters(set);
  });

  test('leave no tensors behind', () => {
    const before = tf.memory().numTensors;
    const [p, q] = [uploadParameters(draw(), shapes), uploadParameters(draw(), shapes)];
    squaredDistance(p, q);
    downloadParameters(p);
    disposeParameters(p);
    disposeParameters(q);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('have the norm of all their elements', () => {
    const p = uploadParameters(draw(), shapes);
    const q = uploadParameters(
      draw((i) => i + 0.25),
      shapes,
    );
    const elements = [...draw().values()].flatMap(({ data }) => [...data]);
    expect(squaredNorm(p)).toBeCloseTo(
      elements.reduce((sum, x) => sum + x * x, 0),
      4,
    );
    expect(squaredDistance(p, q)).toBeCloseTo(elements.length / 16, 4);
    for (const set of [p, q]) disposeParameters(set);
  });
});

describeOnBackends('stored parameters are refused', () => {
  const refusal = (change: (arrays: ReturnType<typeof draw>) => void): unknown => {
    const arrays = draw();
    change(arrays);
    try {
      uploadParameters(arrays, shapes);
      return null;
    } catch (error) {
      return error;
    }
  };
  const cases: [string, (arrays: ReturnType<typeof draw>) => void, object][] = [
    ['without one', (a) => a.delete('b'), { field: 'b', received: 'nothing' }],
    [
      'of another shape',
      (a) => a.set('W', { shape: [9], data: new Float32Array(9) }),
      { field: 'W', expected: 'float32 of shape [3,3]', received: 'Float32Array of shape [9]' },
    ],
    [
      'of another type',
      (a) => a.set('c', { shape: [2], data: new Float64Array(2) }),
      { field: 'c', received: 'Float64Array of shape [2]' },
    ],
    ['with one unknown', (a) => a.set('X', { shape: [1], data: new Float32Array(1) }), { received: 'X' }],
  ];
  for (const [title, change, mismatch] of cases) {
    test(title, () => {
      const error = refusal(change);
      expect(error).toBeInstanceOf(IntegrityError);
      expect((error as IntegrityError).mismatch).toMatchObject(mismatch);
    });
  }
}, ['cpu']);
