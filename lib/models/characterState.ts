/**
 * A network of characters that reads one character at a time and keeps its state: h_t = f(U[x_t] + h_{t−1} W + b),
 * o_t = h_t V + c. In float64 and plain JavaScript, since one row of one sample is too little for a tensor library, and the
 * same on every machine.
 */
import { UsageError } from '../errors.ts';
import type { ParameterName } from '../protocol/parameters.ts';
import type { Model } from './model.ts';

type Vector = ArrayLike<number>;

/** target + row · matrix; `matrix` is (row.length, target.length), row-major. */
function addProduct(target: Float64Array, row: Vector, matrix: Vector): void {
  const columns = target.length;
  for (let i = 0; i < row.length; i++) {
    const factor = row[i] as number;
    for (let j = 0; j < columns; j++) {
      target[j] = (target[j] as number) + factor * (matrix[i * columns + j] as number);
    }
  }
}

export class CharacterState {
  readonly #model: Model;
  #hidden: Float64Array;

  /** @throws UsageError where the model does not predict the next character at every step. */
  constructor(model: Model) {
    const { shape, vocabulary, config } = model;
    if (shape.readout !== 'every' || shape.input.kind !== 'oneHot' || vocabulary === undefined) {
      const received = `one of ${model.dataset.name}, with ${shape.input.kind} inputs, read out at ${shape.readout} step`;
      throw new UsageError(`model: expected one of characters, received ${received}`);
    }
    this.#model = model;
    this.#hidden = new Float64Array(config.hiddenUnits);
  }

  #parameter(name: ParameterName): Vector {
    return this.#model.parameters.get(name)?.data as Vector;
  }

  /** Takes the character of this id in. */
  read(id: number): void {
    const H = this.#hidden.length;
    const [U, b] = [this.#parameter('U'), this.#parameter('b')];
    const next = Float64Array.from({ length: H }, (_, j) => (U[id * H + j] as number) + (b[j] as number));
    addProduct(next, this.#hidden, this.#parameter('W'));
    const activate = this.#model.config.cell === 'tanh' ? Math.tanh : (s: number) => Math.max(0, s);
    this.#hidden = next.map(activate);
  }

  /** o: one number a character, of which the softmax is the probability that it comes next. */
  outputs(): Float64Array {
    const outputs = Float64Array.from(this.#parameter('c'));
    addProduct(outputs, this.#hidden, this.#parameter('V'));
    return outputs;
  }
}
