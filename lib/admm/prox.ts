/**
 * The o-step: argmin over o of loss(o, y) + ρ/2 ‖o − q‖², the proximal operator of the loss, row by row
 * (Tang et al., arXiv 2006.05622, update of o; Parikh and Boyd, Proximal Algorithms, 2014).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TaskShape } from '../protocol/dataset.ts';
import { add, div, mul, sub } from '../tensors/arithmetic.ts';

/** A step whose logits change by no more than this is the last: Newton squares it, to below float32's rounding. */
const LAST_STEP = 1e-3;
/** Above this a full Newton step may overshoot: entries within it spread by at most 1, where a whole step still descends. */
const DAMPED_STEP = 0.5;
const MAX_ITERATIONS = 100;

const rowSum = (x: tf.Tensor): tf.Tensor => tf.sum(x, 1, true);

/**
 * (diag(p) + ρ I − p pᵀ)⁻¹ g for every row, by Sherman–Morrison. As the p of a row sum to one, its denominator
 * 1 − Σ p² / (p + ρ) is ρ Σ p / (p + ρ), which nothing cancels in.
 */
function newtonStep(p: tf.Tensor, g: tf.Tensor, rho: tf.Scalar): tf.Tensor {
  const curvature = add(p, rho);
  const scaledP = div(p, curvature);
  const factor = div(rowSum(mul(scaledP, g)), mul(rowSum(scaledP), rho));
  return add(div(g, curvature), mul(scaledP, factor));
}

/**
 * Shortens the rows of a long step by ln(1 + d) / d, d the spread of a row's entries. With that, Newton's method
 * converges from anywhere: the log-sum-exp is generalised self-concordant with ν = 2, its third derivative along v at
 * most the spread of v times its second (Sun and Tran-Dinh, Math. Programming 178, 2019, section 4.1).
 */
function damp(step: tf.Tensor): tf.Tensor {
  const spread = tf.add(tf.sub(tf.max(step, 1, true), tf.min(step, 1, true)), 1e-12);
  return tf.mul(step, tf.div(tf.log1p(spread), spread));
}

/**
 * The proximal operator of the softmax cross-entropy, by Newton's method to float32's accuracy.
 *
 * @param q (M, K) logits.
 * @param oneHot (M, K), a one in each row.
 * @param rho ρ > 0.
 * @returns o (M, K).
 */
export function proxCrossEntropy(q: tf.Tensor2D, oneHot: tf.Tensor2D, rho: number): tf.Tensor2D {
  return tf.tidy(() => {
    const penalty = tf.scalar(rho);
    // The gradient is p + ρ o − (y + ρ q); its second half never changes.
    const constant = add(oneHot, mul(q, penalty));
    let o: tf.Tensor = q;
    for (let i = 0; i < MAX_ITERATIONS; i += 1) {
      const p = tf.softmax(o);
      const step = newtonStep(p, sub(add(p, mul(o, penalty)), constant), penalty);
      const largest = tf.max(tf.abs(step)).dataSync()[0] ?? Number.NaN;
      o = sub(o, largest > DAMPED_STEP ? damp(step) : step);
      // Written so that NaN ends it too: whoever uses the solution finds it not finite.
      if (!(largest > LAST_STEP)) break;
    }
    return o as tf.Tensor2D;
  });
}

/** The proximal operator of ½‖o − y‖²: (y + ρ q) / (1 + ρ). All (M, K). */
export function proxSquaredError(q: tf.Tensor2D, y: tf.Tensor2D, rho: number): tf.Tensor2D {
  return tf.tidy(() => tf.div(tf.add(y, tf.mul(q, rho)), 1 + rho));
}

/** The proximal operator of a task's loss; `rows` as `targetRows` of lib/rnn makes them. */
export function proxOfLoss(
  { target }: TaskShape,
  q: tf.Tensor2D,
  rows: tf.Tensor2D,
  rho: number,
): tf.Tensor2D {
  return target.kind === 'classes' ? proxCrossEntropy(q, rows, rho) : proxSquaredError(q, rows, rho);
}
