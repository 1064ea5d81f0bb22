import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { contribution, scaledDual } from '../../lib/admm/contribution.ts';
import { parameterNames } from '../../lib/protocol/parameters.ts';
import { disposeParameters, mapParameters, type ParameterSet } from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';

/** A set of one number a parameter. */
const constant = (value: number): ParameterSet => mapParameters(() => tf.tensor1d([value, value]));
const values = (set: ParameterSet): (number | undefined)[] =>
  parameterNames.map((name) => set[name].dataSync()[0]);

describeOnBackends('a contribution', () => {
  const terms = () => ({ solution: constant(3), broadcast: constant(1), dual: constant(0.25) });

  test('is the solution and the dual', () => {
    expect(tf.tidy(() => values(contribution({ ...terms(), relaxation: 1 })).join())).toBe(
      Array(5).fill(3.25).join(),
    );
  });

  test('is the solution alone where the dual is zero, in tensors of its own', () => {
    const solution = constant(3);
    const w = tf.tidy(() => contribution({ ...terms(), solution, dual: null, relaxation: 1 }));
    disposeParameters(solution);
    expect(values(w)).toEqual(Array(5).fill(3));
    disposeParameters(w);
  });

  test('is moved beyond the solution by over-relaxation', () => {
    const relaxed = tf.tidy(() => values(contribution({ ...terms(), relaxation: 1.5 })).join());
    expect(relaxed).toBe(
      Array(5)
        .fill(1.5 * 3 - 0.5 * 1 + 0.25)
        .join(),
    );
  });
});

describeOnBackends('a scaled dual', () => {
  const penaltyThen = { input: 1, recurrent: 2, readout: 4 };
  const dualFor = (input: number | null, penaltyNow: typeof penaltyThen) =>
    tf.tidy(() => {
      const terms = { contribution: constant(5), anchor: constant(2), penaltyThen, penaltyNow };
      return values(scaledDual(terms, { input })).join();
    });

  test('is what the anchor lacks of the contribution', () => {
    expect(dualFor(null, penaltyThen)).toBe('3,3,3,3,3');
  });

  test('is scaled anew in every group whose penalty has changed', () => {
    const now = { input: 4, recurrent: 1, readout: 8 };
    expect(dualFor(null, now)).toBe('6,6,6,1.5,1.5');
    expect(dualFor(0.01, now)).toBe('0.75,6,6,1.5,1.5');
  });

  test('leaves no tensors behind', () => {
    const [w, a] = [constant(5), constant(2)];
    const before = tf.memory().numTensors;
    const penaltyNow = { input: 4, recurrent: 1, readout: 8 };
    disposeParameters(scaledDual({ contribution: w, anchor: a, penaltyThen, penaltyNow }, { input: 1 }));
    disposeParameters(contribution({ solution: w, broadcast: a, dual: a, relaxation: 1.5 }));
    expect(tf.memory().numTensors).toBe(before);
    for (const set of [w, a]) disposeParameters(set);
  });
});
