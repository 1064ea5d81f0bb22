import { slice, type Tensor } from '@tensorflow/tfjs-core';
import type { TaskShape } from '../protocol/dataset.ts';

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

const firstAlong = (tensor: Tensor, axis: number, size: number): Tensor =>
  slice(
    tensor,
    tensor.shape.map(() => 0),
    tensor.shape.map((whole, i) => (i === axis ? Math.min(whole, size) : whole)),
  );

/** The first `samples` samples of a batch, or all where it has fewer. Whoever takes them disposes of them. */
export function firstSamples({ readout }: TaskShape, { inputs, targets }: Batch, samples: number): Batch {
  return {
    inputs: firstAlong(inputs, 1, samples),
    targets: firstAlong(targets, readout === 'every' ? 1 : 0, samples),
  };
}
