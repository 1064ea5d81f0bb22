/** Floating-point operations and time of matrix products on libtensorflow. */
import * as tf from '@tensorflow/tfjs-core';
import { waitForBackend } from './waitForBackend.ts';

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

  /**
   * Every product from now on is counted.
   *
   * @param times how often each is carried out; more than once where the call returns before the product is there, so
   * that to wait for it is little beside it.
   */
  constructor(times: number) {
    const kernels = tf.backend() as unknown as Kernels;
    const execute = kernels.executeSingleOutput.bind(kernels);
    kernels.executeSingleOutput = (name, attributes, inputs) => {
      const [a, b] = inputs;
      if (!PRODUCTS.has(name) || a === undefined || b === undefined) return execute(name, attributes, inputs);
      if (times > 1) waitForBackend();
      const startMs = performance.now();
      const product = execute(name, attributes, inputs);
      for (let again = 1; again < times; again += 1) execute(name, attributes, inputs).dispose();
      if (times > 1) waitForBackend();
      this.seconds += (performance.now() - startMs) / 1000;
      this.operations += times * operationsOf(a, b, product);
      return product;
    };
  }
}

/** Multiplies square matrices of so many rows without end; yields the operations of each product. */
export function* multiply(rows: number): Generator<number, never, undefined> {
  const [a, b] = [tf.randomNormal([rows, rows]), tf.randomNormal([rows, rows])];
  while (true) {
    tf.matMul(a, b).dispose();
    yield 2 * rows ** 3;
  }
}
