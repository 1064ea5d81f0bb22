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
    readonly TF_ATTR_INT: number;
    readonly TF_FLOAT: number;
  };
  executeSingleOutput(name: string, attributes: OperationAttribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OperationAttribute[],
    inputs: tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
}

type Attributes = Readonly<Record<string, boolean | number>>;

const backendOfKernels = (): NodeBackend => tf.backend() as unknown as NodeBackend;

function listAttributes({ binding }: NodeBackend, attributes: Attributes): OperationAttribute[] {
  const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_ATTR_INT, TF_FLOAT } = binding;
  const list: OperationAttribute[] = [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }];
  for (const [name, value] of Object.entries(attributes)) {
    list.push({ name, type: typeof value === 'boolean' ? TF_ATTR_BOOL : TF_ATTR_INT, value });
  }
  return list;
}

/**
 * Runs a float32 kernel of libtensorflow that TensorFlow.js does not wrap; only where {@link hasKernels}.
 *
 * @param name of the operation, as in https://www.tensorflow.org/api_docs/python/tf/raw_ops
 * @param attributes its Boolean and integer attributes.
 * @throws Error where the kernel refuses its inputs.
 */
export function runKernel(
  name: string,
  inputs: readonly tf.Tensor[],
  attributes: Attributes = {},
): tf.Tensor {
  const backend = backendOfKernels();
  return backend.executeSingleOutput(name, listAttributes(backend, attributes), [...inputs]);
}

/** As {@link runKernel}, of a kernel with several outputs. */
export function runKernelOfMany(name: string, inputs: readonly tf.Tensor[], outputs: number): tf.Tensor[] {
  const backend = backendOfKernels();
  return backend.executeMultipleOutputs(name, listAttributes(backend, {}), [...inputs], outputs);
}

/** Whether the backend in use is libtensorflow, whose kernels can be called by name. */
export const hasKernels = (): boolean => tf.getBackend() === 'tensorflow';
