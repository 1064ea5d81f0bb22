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
    this.#accumulate(values, weight);
    this.#weight += weight;
  }

  /** Adds n_i (w_i,new − w_i,old): a contribution takes another's place, and the weights stay. */
  exchange(before: Float32Array, after: Float32Array, weight: number): void {
    this.#accumulate(before, -weight);
    this.#accumulate(after, weight);
  }

  /** Σ n_i w_i / weight, by default over the weights added. */
  mean(weight = this.#weight): Float64Array<ArrayBuffer> {
    if (weight <= 0) throw new RangeError(`WeightedSum: expected a positive weight, received ${weight}`);
    const mean = this.#sum.slice();
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) / weight;
    return mean;
  }

  /** The same, rounded once to float32. */
  average(): Float32Array<ArrayBuffer> {
    return Float32Array.from(this.mean());
  }

  #accumulate(values: Float32Array, weight: number): void {
    const sum = this.#sum;
    if (values.length !== sum.length) {
      throw new RangeError(`WeightedSum: expected ${sum.length} values, received ${values.length}`);
    }
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + weight * (values[i] as number);
  }
}
