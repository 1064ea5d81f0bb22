import type { SumBuffer, Term } from './sumBuffer.ts';

/** An average in float64. */
export interface Mean {
  readonly values: Float64Array<ArrayBuffer>;
  /** Whether all of them are: as float64 holds whatever float32 numbers add up to, they are where all that was added is. */
  readonly isFinite: boolean;
}

/**
 * The average w̄ = Σ n_i w_i / Σ n_i, summed in float64 in the order in which vectors are added, so that the same order
 * gives the same bytes. Memory is one vector, however many shards there are.
 */
export class WeightedSum {
  readonly #sum: SumBuffer;
  #weight = 0;

  /** @param buffer as long as the vectors, all zero: it becomes the sum's. */
  constructor(buffer: SumBuffer) {
    this.#sum = buffer;
  }

  /** Adds n_i w_i. */
  add(values: Float32Array, weight: number): void {
    this.addAll([{ values, weight }]);
  }

  /** Adds several n_i w_i in their order: the same bytes as one after the other, in fewer passes over the sum. */
  addAll(terms: readonly Term[]): void {
    this.#sum.add(terms);
    for (const { weight } of terms) this.#weight += weight;
  }

  /** Adds n_i (w_i,new − w_i,old): a contribution takes another's place, and the weights stay. */
  exchange(before: Float32Array, after: Float32Array, weight: number): void {
    this.#sum.add([
      { values: before, weight: -weight },
      { values: after, weight },
    ]);
  }

  /** Σ n_i w_i / weight, by default over the weights added. It takes the place of the sum, which ends with it. */
  mean(weight = this.#weight): Mean {
    if (weight <= 0) throw new RangeError(`WeightedSum: expected a positive weight, received ${weight}`);
    return { isFinite: this.#sum.divide(weight), values: this.#sum.values };
  }
}
