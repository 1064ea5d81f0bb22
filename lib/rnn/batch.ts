import type { Tensor } from '@tensorflow/tfjs-core';

/** B samples of T time steps on the backend, time-major. Whoever holds a batch disposes of it. */
export interface Batch {
  /** Dense: (T, B, n) float32, already scaled. One-hot: (T, B) int32 ids. */
  readonly inputs: Tensor;
  /**
   * Class ids: (B) or, read out at every step, (T, B) int32. Values: (B, K) or (T, B, K) float32.
   */
  readonly targets: Tensor;
}

/** B: samples of a batch. */
export const batchSamples = ({ inputs }: Batch): number => inputs.shape[1] ?? 0;

/** Frees the tensors of a batch. */
export function disposeBatch({ inputs, targets }: Batch): void {
  inputs.dispose();
  targets.dispose();
}
