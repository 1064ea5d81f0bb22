// Loops over the elements of vectors, two of float64 at a time: AssemblyScript, compiled by `npm run kernels`.
// A sum lies in this memory; what is added to it is copied in by the chunk, and so is in the processor's cache when it is added.

/** Elements of a chunk. */
export const CHUNK: i32 = 4096;
/** Vectors that are added in one pass. */
export const TERMS: i32 = 4;

// In memory, one after the other: a weight a vector (float64), a chunk of each vector (float32), the sum (float64).
export const WEIGHTS: usize = 0;
export const VECTORS: usize = WEIGHTS + <usize>TERMS * 8;
export const SUM: usize = VECTORS + <usize>TERMS * <usize>CHUNK * 4;

/** Two elements of a vector, in float64. */
function pair(address: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(address));
}

/**
 * sum += Σ weight · vector over a chunk, or from zero, whatever was there: that spares to write zeros and to read them. Each element is
 * added to from left to right, product and sum each rounded, as JavaScript does it: the same bits.
 *
 * @param start the chunk's first element.
 * @param length elements, a multiple of 8.
 * @param terms how many vectors there are.
 * @param begins whether the sum begins with them.
 */
export function add(start: i32, length: i32, terms: i32, begins: bool): void {
  const zero = f64x2.splat(0);
  const from = SUM + <usize>start * 8;
  for (let at: usize = 0; at < <usize>length; at += 8) {
    const sum = from + at * 8;
    let a = begins ? zero : v128.load(sum);
    let b = begins ? zero : v128.load(sum, 16);
    let c = begins ? zero : v128.load(sum, 32);
    let d = begins ? zero : v128.load(sum, 48);
    let vector = VECTORS + at * 4;
    for (let term = 0; term < terms; term++) {
      const weight = v128.load64_splat(WEIGHTS + <usize>term * 8);
      a = f64x2.add(a, f64x2.mul(weight, pair(vector)));
      b = f64x2.add(b, f64x2.mul(weight, pair(vector + 8)));
      c = f64x2.add(c, f64x2.mul(weight, pair(vector + 16)));
      d = f64x2.add(d, f64x2.mul(weight, pair(vector + 24)));
      vector += <usize>CHUNK * 4;
    }
    v128.store(sum, a);
    v128.store(sum, b, 16);
    v128.store(sum, c, 32);
    v128.store(sum, d, 48);
  }
}

/**
 * sum /= divisor.
 *
 * @param length of the sum, a multiple of 4.
 * @returns Σ (x − x) over what results: 0, or no number where an element is not finite, which no addition mends.
 */
export function divide(length: i32, divisor: f64): f64 {
  const by = f64x2.splat(divisor);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let at: usize = 0; at < <usize>length; at += 4) {
    const sum = SUM + at * 8;
    const a = f64x2.div(v128.load(sum), by);
    const b = f64x2.div(v128.load(sum, 16), by);
    v128.store(sum, a);
    v128.store(sum, b, 16);
    low = f64x2.add(low, f64x2.sub(a, a));
    high = f64x2.add(high, f64x2.sub(b, b));
  }
  const residue = f64x2.add(low, high);
  return f64x2.extract_lane(residue, 0) + f64x2.extract_lane(residue, 1);
}
