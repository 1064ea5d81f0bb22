/**
 * Sums of float32 vectors in float64, in WebAssembly: its SIMD instructions take two elements at once, where what compiles
 * JavaScript takes one. The kernels are `assembly/vectors.ts`.
 */
import { VECTORS_WASM } from './vectorsWasm.ts';

interface Memory {
  readonly buffer: ArrayBuffer;
}

/** What the kernels export; of constants, the value. */
interface Kernels {
  readonly CHUNK: { readonly value: number };
  readonly TERMS: { readonly value: number };
  /** Addresses in bytes. */
  readonly WEIGHTS: { readonly value: number };
  readonly VECTORS: { readonly value: number };
  readonly SUM: { readonly value: number };
  add(start: number, length: number, terms: number, begins: boolean): void;
  divide(length: number, divisor: number): number;
}

/** The types of Node do not know it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { readonly initial: number }) => Memory;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: Memory } },
  ) => { readonly exports: unknown };
};

const PAGE_BYTES = 65_536;
/** Elements that a kernel takes in one step: a sum is as long as a number of them. */
const STEP = 8;

const wasm = new WebAssembly.Module(Buffer.from(VECTORS_WASM, 'base64'));

function kernelsOn(memory: Memory): Kernels {
  return new WebAssembly.Instance(wasm, { env: { memory } }).exports as Kernels;
}

const pagesOf = (sizeBytes: number): number => Math.ceil(sizeBytes / PAGE_BYTES);
const constants = kernelsOn(new WebAssembly.Memory({ initial: 1 }));
const CHUNK = constants.CHUNK.value;
/** Vectors that one pass over a sum adds. The sum is twice as wide as what is added: the fewer passes, the better. */
export const TERMS_IN_ONE_PASS = constants.TERMS.value;
const SUM = constants.SUM.value;

/** n_i w_i of a sum. */
export interface Term {
  readonly values: Float32Array;
  readonly weight: number;
}

/** A vector of float64 that vectors of float32 are added to, all zero at first. It may be used again for another sum. */
export class SumBuffer {
  readonly #values: Float64Array<ArrayBuffer>;
  /** All that the kernels work on: the values, and zeros up to a whole number of steps. */
  readonly #whole: Float64Array<ArrayBuffer>;
  readonly #weights: Float64Array<ArrayBuffer>;
  readonly #chunks: readonly Float32Array<ArrayBuffer>[];
  readonly #kernels: Kernels;
  /** Nothing has been added yet, and what lies in memory is not zero: the first vectors take its place. */
  #isBlank = false;

  constructor(length: number) {
    const wholeLength = STEP * Math.ceil(length / STEP);
    const sizeBytes = SUM + wholeLength * Float64Array.BYTES_PER_ELEMENT;
    const memory = new WebAssembly.Memory({ initial: pagesOf(sizeBytes) });
    const { buffer } = memory;
    this.#kernels = kernelsOn(memory);
    this.#weights = new Float64Array(buffer, constants.WEIGHTS.value, TERMS_IN_ONE_PASS);
    this.#chunks = Array.from({ length: TERMS_IN_ONE_PASS }, (_, i) => {
      const chunk = constants.VECTORS.value + i * CHUNK * Float32Array.BYTES_PER_ELEMENT;
      return new Float32Array(buffer, chunk, CHUNK);
    });
    this.#whole = new Float64Array(buffer, SUM, wholeLength);
    this.#values = this.#whole.subarray(0, length);
  }

  get length(): number {
    return this.#values.length;
  }

  get values(): Float64Array<ArrayBuffer> {
    this.#settle();
    return this.#values;
  }

  /** Sets all to zero, which is left to what is added first. */
  clear(): void {
    this.#isBlank = true;
  }

  #settle(): void {
    if (this.#isBlank) this.#whole.fill(0);
    this.#isBlank = false;
  }

  /**
   * Adds Σ weight · values, in the order of the terms.
   *
   * @throws RangeError where a vector is not as long as the sum, which is as it was then.
   */
  add(terms: readonly Term[]): void {
    const { length } = this;
    for (const { values } of terms) {
      if (values.length !== length) {
        throw new RangeError(`SumBuffer: expected ${length} values, received ${values.length}`);
      }
    }
    for (let at = 0; at < terms.length; at += TERMS_IN_ONE_PASS) {
      this.#addPass(terms.slice(at, at + TERMS_IN_ONE_PASS));
    }
  }

  #addPass(terms: readonly Term[]): void {
    for (const [i, { weight }] of terms.entries()) this.#weights[i] = weight;
    for (let start = 0; start < this.#whole.length; start += CHUNK) {
      for (const [i, { values }] of terms.entries()) {
        this.#chunks[i]?.set(values.subarray(start, start + CHUNK));
      }
      const length = Math.min(CHUNK, this.#whole.length - start);
      this.#kernels.add(start, length, terms.length, this.#isBlank);
    }
    this.#isBlank = false;
    // What is behind the end of the vectors' last chunk is of another chunk.
    this.#whole.fill(0, this.length);
  }

  /**
   * Divides each element; whether all that there was is finite is seen in the same pass.
   *
   * @returns false where an element is not finite.
   */
  divide(divisor: number): boolean {
    this.#settle();
    return this.#kernels.divide(this.#whole.length, divisor) === 0;
  }
}
