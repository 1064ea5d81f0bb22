type Growable = Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** A typed array that grows at its end, for streams of unknown length. */
export class GrowingArray<A extends Growable> {
  readonly #create: new (
    length: number,
  ) => A;
  #array: A;
  #length = 0;

  constructor(create: new (length: number) => A) {
    this.#create = create;
    this.#array = new create(1024);
  }

  push(value: number): void {
    if (this.#length === this.#array.length) {
      const larger = new this.#create(2 * this.#length);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.#length++] = value;
  }

  /** A view of what was pushed; the array must not grow any more. */
  view(): A {
    return this.#array.subarray(0, this.#length) as A;
  }
}
