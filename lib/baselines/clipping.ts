import * as tf from '@tensorflow/tfjs-core';
import { mul } from '../tensors/arithmetic.ts';
import { mapParameters, type ParameterSet, squaredNorm } from '../tensors/parameters.ts';

/** A gradient, and its norm before it was clipped. */
export interface ClippedGradient {
  /** The caller disposes of it. */
  readonly gradient: ParameterSet;
  /** ‖g‖ over all parameters. */
  readonly norm: number;
}

/**
 * Scales a gradient to the norm `maxNorm` where its norm over all parameters is larger: g ← g · min(1, maxNorm / ‖g‖)
 * (Pascanu, Mikolov and Bengio, ICML 2013, algorithm 1).
 *
 * @param gradient is not changed or disposed of.
 * @param maxNorm null leaves it as it is.
 */
export function clipByGlobalNorm(gradient: ParameterSet, maxNorm: number | null): ClippedGradient {
  const norm = Math.sqrt(squaredNorm(gradient));
  const factor = maxNorm === null || norm <= maxNorm ? 1 : maxNorm / norm;
  const scaled = tf.tidy(() => {
    const scale = tf.scalar(factor);
    return mapParameters((name) => (factor === 1 ? tf.clone(gradient[name]) : mul(gradient[name], scale)));
  });
  return { gradient: scaled, norm };
}
