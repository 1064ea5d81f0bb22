/**
 * Anderson acceleration of a fixed-point iteration x ← G(x), type II (Walker and Ni, SIAM J. Numer. Anal. 49, 2011): with
 * f = G(x) − x and the differences ΔF, ΔG of the last m rounds, x ← G(x) − ΔG γ, γ = argmin ‖f − ΔF γ‖.
 */
import { Matrix, solve } from 'ml-matrix';
import type { Vector } from './consensusRounds.ts';

/** Tikhonov's term, as a share of the mean of ‖Δf‖²: nearly parallel differences would make γ huge. */
const REGULARIZATION = 1e-10;
/** A residual that is so many times the last one's has left the region that the memory describes. */
const LARGEST_GROWTH = 2;

/** One evaluation of G. */
interface Sample {
  /** G(x). */
  readonly value: Vector;
  /** f = G(x) − x. */
  readonly residual: Vector;
}

const minus = (a: Vector, b: Vector): Vector => a.map((value, i) => value - (b[i] as number));

function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** argmin ‖f − ΔF γ‖² + ε ‖γ‖², by the normal equations in float64. */
function coefficients(differences: readonly Vector[], residual: Vector): number[] {
  const gram = new Matrix(differences.map((a) => differences.map((b) => dot(a, b))));
  const regularization = (REGULARIZATION * gram.trace()) / differences.length;
  const right = Matrix.columnVector(differences.map((a) => dot(a, residual)));
  return solve(gram.add(Matrix.eye(differences.length).mul(regularization)), right).to1DArray();
}

/** The accelerated iteration. It forgets what it has seen, and takes G(x) as it is, where the residual jumps. */
export class Anderson {
  readonly #memory: number;
  #samples: readonly Sample[] = [];
  #restarts = 0;

  /** @param memory m: differences kept. */
  constructor(memory: number) {
    this.#memory = memory;
  }

  /** How often the memory was given up. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The next x, from the last x and its G(x). */
  next(x: Vector, value: Vector): Vector {
    const residual = minus(value, x);
    const last = this.#samples.at(-1)?.residual ?? residual;
    if (dot(residual, residual) > LARGEST_GROWTH ** 2 * dot(last, last)) {
      this.#samples = [];
      this.#restarts += 1;
    }
    const samples = [...this.#samples, { value, residual }].slice(-this.#memory - 1);
    this.#samples = samples;
    const pairs = samples.slice(1).map((sample, i) => [samples[i] as Sample, sample] as const);
    const residualDifferences = pairs
      .map(([a, b]) => minus(b.residual, a.residual))
      .filter((d) => dot(d, d) > 0);
    if (residualDifferences.length < pairs.length || pairs.length === 0) return value;
    const next = value.slice();
    for (const [j, gamma] of coefficients(residualDifferences, residual).entries()) {
      const [a, b] = pairs[j] as readonly [Sample, Sample];
      for (let i = 0; i < next.length; i++) {
        next[i] = (next[i] as number) - gamma * ((b.value[i] as number) - (a.value[i] as number));
      }
    }
    return next;
  }
}
