import { expect, test } from 'vitest';
import { solveSubproblem } from '../../lib/admm/subproblem.ts';
import { parameterNames } from '../../lib/protocol/parameters.ts';
import { disposeBatch } from '../../lib/rnn/batch.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import { disposeParameters, downloadParameters, uploadParameters } from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { type ReferenceVector, referenceVectors, uploadBatch } from './vectors.ts';

const TOLERANCE = 1e-4;

/** ‖Δ − Δ_ref‖ / ‖Δ_ref‖ of every parameter. */
function relativeErrors(vector: ReferenceVector, solved: ReturnType<typeof downloadParameters>) {
  return parameterNames.map((name) => {
    const at = (set: ReferenceVector['step']) => set.get(name)?.data ?? new Float32Array();
    const [theta, z, expected] = [at(solved), at(vector.broadcast), at(vector.step)];
    const difference = theta.map((value, i) => value - (z[i] ?? Number.NaN) - (expected[i] ?? Number.NaN));
    return { name, error: Math.hypot(...difference) / Math.hypot(...expected) };
  });
}

describeOnBackends('the step agrees with the reference', (backend) => {
  for (const vector of referenceVectors()) {
    test(vector.name, () => {
      const { shape, cell, hiddenUnits, penalty } = vector;
      // The reference leaves steps with outputs of their own as they are.
      const balanceLimit = shape.readout === 'last' ? vector.options.balanceLimit : 0;
      const options = { ...vector.options, balanceLimit, stepLength: 'full' as const };
      const network = { backend: backend(), shape, model: { cell, hiddenUnits } };
      const shapes = parameterShapes(shape, network.model);
      const broadcast = uploadParameters(vector.broadcast, shapes);
      const dual = uploadParameters(vector.dual, shapes);
      const batch = uploadBatch(vector);
      const { solution } = solveSubproblem(network, options, { broadcast, dual, penalty, batch });
      for (const { name, error } of relativeErrors(vector, downloadParameters(solution))) {
        expect(error, name).toBeLessThan(TOLERANCE);
      }
      for (const set of [broadcast, dual, solution]) disposeParameters(set);
      disposeBatch(batch);
    });
  }
});
