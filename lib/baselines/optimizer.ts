import * as tf from '@tensorflow/tfjs-core';
import { type ParameterName, parameterNames } from '../protocol/parameters.ts';
import { sub } from '../tensors/arithmetic.ts';
import { disposeParameters, mapParameters, type ParameterSet } from '../tensors/parameters.ts';
import { type MethodName, type Rule, rules } from './rules.ts';

export interface OptimizerOptions {
  readonly method: MethodName;
  /** η > 0. */
  readonly learningRate: number;
}

/** A first-order method: parameters that follow their gradients, and what it remembers of them. */
export class Optimizer {
  readonly #rate: tf.Scalar;
  readonly #rule: Rule;
  readonly #memory = new Map<ParameterName, readonly tf.Tensor[]>();
  #parameters: ParameterSet;
  #iteration = 0;

  /**
   * @param initial is copied.
   * @throws RangeError where the learning rate is not a positive number.
   */
  constructor({ method, learningRate }: OptimizerOptions, initial: ParameterSet) {
    if (!(learningRate > 0 && Number.isFinite(learningRate))) {
      throw new RangeError(`learning rate: expected a positive number, received ${learningRate}`);
    }
    this.#rate = tf.scalar(learningRate);
    this.#rule = rules[method](this.#rate);
    this.#parameters = mapParameters((name) => tf.clone(initial[name]));
    for (const name of parameterNames) {
      const { shape } = initial[name];
      this.#memory.set(
        name,
        this.#rule.initialMemory.map((value) => tf.fill(shape, value, 'float32')),
      );
    }
  }

  /** θ, until the next step; it stays the optimizer's. */
  get parameters(): ParameterSet {
    return this.#parameters;
  }

  /** Takes one step against a gradient, which is not disposed of. */
  step(gradient: ParameterSet): void {
    this.#iteration += 1;
    const before = this.#parameters;
    this.#parameters = mapParameters((name) => this.#stepOf(name, gradient[name]));
    disposeParameters(before);
  }

  #stepOf(name: ParameterName, gradient: tf.Tensor): tf.Tensor {
    const before = this.#memory.get(name) ?? [];
    const [next, ...memory] = tf.tidy(() => {
      const update = this.#rule.update(gradient, before, this.#iteration);
      return [sub(this.#parameters[name], update.step), ...update.memory];
    });
    tf.dispose([...before]);
    this.#memory.set(name, memory);
    return next as tf.Tensor;
  }

  /** Frees the parameters and the memory. */
  dispose(): void {
    disposeParameters(this.#parameters);
    for (const memory of this.#memory.values()) tf.dispose([...memory]);
    this.#rate.dispose();
  }
}
