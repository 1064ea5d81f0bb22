/**
 * Update rules of first-order methods, element by element: θ ← θ − step(g), in the forms of Keras and TensorFlow
 * (tf.keras.optimizers), whose constants are the defaults here. η is the learning rate.
 */
import * as tf from '@tensorflow/tfjs-core';
import { add, div, mul } from '../tensors/arithmetic.ts';

export const methodNames = ['sgd', 'momentum', 'adagrad', 'rmsprop', 'adam'] as const;
export type MethodName = (typeof methodNames)[number];

/** Keeps the division by a root of squares from dividing by zero; Keras' and TensorFlow.js' value. */
const EPSILON = 1e-7;
const MOMENTUM = 0.9;
const ADAGRAD_INITIAL_ACCUMULATOR = 0.1;
const RMSPROP_DECAY = 0.9;
const ADAM_DECAY_1 = 0.9;
const ADAM_DECAY_2 = 0.999;

/** What a rule makes of a gradient: the step to subtract, and what it remembers. */
export interface RuleUpdate {
  readonly step: tf.Tensor;
  readonly memory: readonly tf.Tensor[];
}

/** One method's update of one tensor. */
export interface Rule {
  /** Values that its memory begins with, one a tensor of the gradient's shape. */
  readonly initialMemory: readonly number[];
  /**
   * @param iteration counted from 1.
   * @returns new tensors; run it within `tf.tidy`.
   */
  update(gradient: tf.Tensor, memory: readonly tf.Tensor[], iteration: number): RuleUpdate;
}

/** a x + (1 − a) y. */
const blend = (x: tf.Tensor, y: tf.Tensor, a: number): tf.Tensor =>
  add(mul(x, tf.scalar(a)), mul(y, tf.scalar(1 - a)));

const memoryOf = (memory: readonly tf.Tensor[], at: number): tf.Tensor => memory[at] as tf.Tensor;

/** step = η g. */
const sgd = (rate: tf.Scalar): Rule => ({
  initialMemory: [],
  update: (gradient) => ({ step: mul(gradient, rate), memory: [] }),
});

/** v ← μ v + g, step = η v, with μ = 0.9 (Polyak 1964; Sutskever et al., ICML 2013). */
const momentum = (rate: tf.Scalar): Rule => ({
  initialMemory: [0],
  update(gradient, memory) {
    const velocity = add(mul(memoryOf(memory, 0), tf.scalar(MOMENTUM)), gradient);
    return { step: mul(velocity, rate), memory: [velocity] };
  },
});

/** a ← a + g², step = η g / √(a + ε), a = 0.1 at first (Duchi, Hazan and Singer, JMLR 12, 2011). */
const adagrad = (rate: tf.Scalar): Rule => ({
  initialMemory: [ADAGRAD_INITIAL_ACCUMULATOR],
  update(gradient, memory) {
    const sum = add(memoryOf(memory, 0), tf.square(gradient));
    return { step: div(mul(gradient, rate), tf.sqrt(add(sum, tf.scalar(EPSILON)))), memory: [sum] };
  },
});

/** a ← ρ a + (1 − ρ) g², step = η g / √(a + ε), with ρ = 0.9 (Tieleman and Hinton, lecture 6.5, 2012). */
const rmsprop = (rate: tf.Scalar): Rule => ({
  initialMemory: [0],
  update(gradient, memory) {
    const mean = blend(memoryOf(memory, 0), tf.square(gradient), RMSPROP_DECAY);
    return { step: div(mul(gradient, rate), tf.sqrt(add(mean, tf.scalar(EPSILON)))), memory: [mean] };
  },
});

/**
 * m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², step = η m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ)
 * (Kingma and Ba, ICLR 2015, algorithm 1), β₁ = 0.9 and β₂ = 0.999.
 */
const adam = (rate: tf.Scalar): Rule => ({
  initialMemory: [0, 0],
  update(gradient, memory, iteration) {
    const mean = blend(memoryOf(memory, 0), gradient, ADAM_DECAY_1);
    const square = blend(memoryOf(memory, 1), tf.square(gradient), ADAM_DECAY_2);
    const meanHat = mul(mean, tf.scalar(1 / (1 - ADAM_DECAY_1 ** iteration)));
    const squareHat = mul(square, tf.scalar(1 / (1 - ADAM_DECAY_2 ** iteration)));
    const step = div(mul(meanHat, rate), add(tf.sqrt(squareHat), tf.scalar(EPSILON)));
    return { step, memory: [mean, square] };
  },
});

/** The rules by name; a rule is made from its learning rate, which it does not dispose of. */
export const rules: Readonly<Record<MethodName, (rate: tf.Scalar) => Rule>> = {
  sgd,
  momentum,
  adagrad,
  rmsprop,
  adam,
};
