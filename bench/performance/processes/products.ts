/** Floating-point operations and time of matrix products on libtensorflow. */
import * as tf from '@tensorflow/tfjs-core';

interface Kernels {
  executeSingleOutput(name: string, attributes: unknown[], inputs: tf.TensorInfo[]): tf.Tensor;
}

const sizeOf = ({ shape }: tf.TensorInfo): number => shape.reduce((product, size) => product * size, 1);
const PRODUCTS = new Set(['MatMul', 'BatchMatMul', 'BatchMatMulV2', '_FusedMatMul']);

/** 2 m k n of (m, k) by (k, n), of which there may be a batch, from the sizes alone: transposed or not. */
function operationsOf(a: tf.TensorInfo, b: tf.TensorInfo, product: tf.TensorInfo): number {
  const batch = product.shape.slice(0, -2).reduce((count, size) => count * size, 1);
  return 2 * Math.sqrt((sizeOf(a) * sizeOf(b) * sizeOf(product)) / batch);
}

/** Counts the matrix products that the tensorflow backend carries out, and times them. */
export class ProductMeter {
  operations = 0;
  seconds = 0;

  /** Every product from now on is counted. */
  constructor() {
    const kernels = tf.backend() as unknown as Kernels;
    const execute = kernels.executeSingleOutput.bind(kernels);
    kernels.executeSingleOutput = (name, attributes, inputs) => {
      const [a, b] = inputs;
      if (!PRODUCTS.has(name) || a === undefined || b === undefined) return execute(name, attributes, inputs);
      const startMs = performance.now();
      const product = execute(name, attributes, inputs);
      this.seconds += (performance.now() - startMs) / 1000;
      this.operations += operationsOf(a, b, product);
      return product;
    };
  }
}

const SIZE = 1024;

/** Multiplies square matrices without end; yields the operations of each product. */
export function* multiply(): Generator<number, never, undefined> {
  const [a, b] = [tf.randomNormal([SIZE, SIZE]), tf.randomNormal([SIZE, SIZE])];
  while (true) {
    tf.matMul(a, b).dispose();
    yield 2 * SIZE ** 3;
  }
}
