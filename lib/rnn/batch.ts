import { reshape, slice, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
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

/**
 * What a forward pass over a batch gives for its first `samples` samples.
 *
 * @param outputs (M, K): M = B, or T·B time-major where outputs are read at every step. Run it within `tf.tidy`.
 */
export function firstOutputs(
  { readout }: TaskShape,
  { inputs }: Batch,
  outputs: Tensor2D,
  samples: number,
): Tensor2D {
  const [T = 0, B = 0] = inputs.shape;
  const K = outputs.shape[1];
  if (readout === 'last') return firstAlong(outputs, 0, samples) as Tensor2D;
  return reshape(firstAlong(reshape(outputs, [T, B, K]), 1, samples), [-1, K]);
}
