/**
 * Sums of float32 vectors in float64. The sum is twice as wide as what is added, so that the passes over it decide how long
 * it takes: four vectors are added in one. Loops are written out because the compiler keeps neither a list of vectors nor a
 * function called for each element out of them.
 */

/** n_i w_i of a sum. */
export interface Term {
  readonly values: Float32Array;
  readonly weight: number;
}

function add1(sum: Float64Array, a: Term): void {
  const { values, weight } = a;
  const { length } = sum;
  for (let i = 0; i < length; i++) sum[i] = (sum[i] as number) + weight * (values[i] as number);
}

function add4(sum: Float64Array, a: Term, b: Term, c: Term, d: Term): void {
  const [va, vb, vc, vd] = [a.values, b.values, c.values, d.values];
  const [wa, wb, wc, wd] = [a.weight, b.weight, c.weight, d.weight];
  const { length } = sum;
  for (let i = 0; i < length; i++) {
    // Added from left to right, as one after the other.
    sum[i] =
      (sum[i] as number) +
      wa * (va[i] as number) +
      wb * (vb[i] as number) +
      wc * (vc[i] as number) +
      wd * (vd[i] as number);
  }
}

/** Vectors that one pass adds. */
export const TERMS_IN_ONE_PASS = 4;

/**
 * sum += Σ weight · values, in the order of the terms.
 *
 * @throws RangeError where a vector is not as long as the sum, which is as it was then.
 */
export function accumulate(sum: Float64Array, terms: readonly Term[]): void {
  for (const { values } of terms) {
    if (values.length !== sum.length) {
      throw new RangeError(`WeightedSum: expected ${sum.length} values, received ${values.length}`);
    }
  }
  let at = 0;
  for (; at + TERMS_IN_ONE_PASS <= terms.length; at += TERMS_IN_ONE_PASS) {
    add4(sum, ...(terms.slice(at, at + TERMS_IN_ONE_PASS) as [Term, Term, Term, Term]));
  }
  for (const term of terms.slice(at)) add1(sum, term);
}

/**
 * Divides each element by `divisor`, in place; whether all that there was is finite is seen in the same pass.
 *
 * @returns false where an element is not finite.
 */
export function divideAll(values: Float64Array, divisor: number): boolean {
  // x − x is 0, or no number where x is not finite, which no addition mends.
  let residue = 0;
  for (let i = 0; i < values.length; i++) {
    const x = (values[i] as number) / divisor;
    values[i] = x;
    residue += x - x;
  }
  return residue === 0;
}
