/**
 * The average w̄ = Σ n_i w_i / Σ n_i, summed in float64 in the order in which vectors are added, so that the same order
 * gives the same bytes. Memory is one vector, however many shards there are.
 */
export class WeightedSum {
  readonly #sum: Float64Array<ArrayBuffer>;
  #weight = 0;

  constructor(length: number) {
    this.#sum = new Float64Array(length);
  }

  /** Adds n_i w_i. */
  add(values: Float32Array, weight: number): void {
    const sum = this.#sum;
    if (values.length !== sum.length) {
      throw new RangeError(`WeightedSum: expected ${sum.length} values, received ${values.length}`);
    }
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + weight * (values[i] as number);
    this.#weight += weight;
  }

  /** w̄, rounded once to float32. */
  average(): Float32Array<ArrayBuffer> {
    if (this.#weight <= 0)
      throw new RangeError(`WeightedSum: expected a positive weight, received ${this.#weight}`);
    const scale = this.#weight;
    return Float32Array.from(this.#sum, (value) => value / scale);
  }
}
