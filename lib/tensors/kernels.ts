import * as tf from '@tensorflow/tfjs-core';

interface OperationAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number;
}

/** The part of tfjs-node's backend that runs any kernel of libtensorflow by its name. */
interface NodeBackend {
  readonly binding: {
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_FLOAT: number;
  };
  executeSingleOutput(name: string, attributes: OperationAttribute[], inputs: tf.Tensor[]): tf.Tensor;
}

/**
 * Runs a float32 kernel of libtensorflow that TensorFlow.js does not wrap; only where {@link hasKernels}.
 *
 * @param name of the operation, as in https://www.tensorflow.org/api_docs/python/tf/raw_ops
 * @param flags its Boolean attributes.
 * @throws Error where the kernel refuses its inputs.
 */
export function runKernel(
  name: string,
  inputs: readonly tf.Tensor[],
  flags: Readonly<Record<string, boolean>> = {},
): tf.Tensor {
  const backend = tf.backend() as unknown as NodeBackend;
  const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_FLOAT } = backend.binding;
  const attributes: OperationAttribute[] = [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }];
  for (const [flag, value] of Object.entries(flags)) {
    attributes.push({ name: flag, type: TF_ATTR_BOOL, value });
  }
  return backend.executeSingleOutput(name, attributes, [...inputs]);
}

/** Whether the backend in use is libtensorflow, whose kernels can be called by name. */
export const hasKernels = (): boolean => tf.getBackend() === 'tensorflow';
