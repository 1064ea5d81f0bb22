import { Matrix, solve } from 'ml-matrix';
import { expect, test } from 'vitest';
import { WeightedSum } from '../../lib/consensus/average.ts';
import { SumBuffer } from '../../lib/consensus/sumBuffer.ts';
import { scatter } from '../support/tasks.ts';

const [m, r] = [4, 2];
const SIGMA = 0.5;
/** Shards of different sizes, each with rows Z and targets d of its own. */
const shards = [10, 25, 6].map((rows, i) => ({
  rows,
  Z: Matrix.from1DArray(rows, m, scatter(rows * m, 100 * i)),
  d: Matrix.from1DArray(rows, r, scatter(rows * r, 900 + 57 * i)),
}));

/** argmin ½ Σ ‖Z_i θ − d_i‖², all rows at once. */
function globalSolution(): number[] {
  const Z = new Matrix(shards.flatMap((shard) => shard.Z.to2DArray()));
  const d = new Matrix(shards.flatMap((shard) => shard.d.to2DArray()));
  return solve(Z.transpose().mmul(Z), Z.transpose().mmul(d)).to1DArray();
}

/** argmin 1/2n_i ‖Z_i θ − d_i‖² + σ/2 ‖θ − z + y‖², in float64. */
function localSolution({ rows, Z, d }: (typeof shards)[number], z: Matrix, y: Matrix): Matrix {
  const G = Z.transpose().mmul(Z).div(rows).add(Matrix.eye(m).mul(SIGMA));
  return solve(G, Z.transpose().mmul(d).div(rows).add(Matrix.sub(z, y).mul(SIGMA)));
}

for (const relaxation of [1, 1.6]) {
  test(`consensus reaches the global least-squares solution, over-relaxed by ${relaxation}`, () => {
    let z = new Float64Array(m * r);
    const duals = shards.map(() => Matrix.zeros(m, r));
    for (let round = 0; round < 400; round += 1) {
      const from = Matrix.from1DArray(m, r, [...z]);
      const contributions = shards.map((shard, i) => {
        const y = duals[i] as Matrix;
        const solution = localSolution(shard, from, y);
        return solution
          .mul(relaxation)
          .add(from.clone().mul(1 - relaxation))
          .add(y);
      });
      const sum = new WeightedSum(new SumBuffer(m * r));
      for (const [i, w] of contributions.entries()) {
        // In two parts, as float32 would not hold it: what it rounds off is added after it.
        const values = w.to1DArray();
        const high = Float32Array.from(values);
        sum.add(high, shards[i]?.rows ?? 0);
        const low = Float32Array.from(values, (value, at) => value - (high[at] as number));
        sum.exchange(new Float32Array(m * r), low, shards[i]?.rows ?? 0);
      }
      z = sum.mean().values;
      contributions.forEach((w, i) => {
        duals[i] = Matrix.sub(w, Matrix.from1DArray(m, r, [...z]));
      });
    }
    globalSolution().forEach((expected, i) => {
      expect(Math.abs((z[i] as number) - expected)).toBeLessThan(1e-5);
    });
  });
}
