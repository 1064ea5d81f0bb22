/** Samples put on the backend at a time: keeps memory in check, whatever the size of the data. */
const CHUNK_SAMPLES = 1000;

/** Some consecutive samples of sample-major arrays. */
export interface RowChunk {
  readonly count: number;
  /** Their rows in an array of all samples: a view. */
  rowsOf<A extends { readonly length: number; subarray(from: number, to: number): A }>(array: A): A;
}

/** Cuts samples into chunks, in order. */
export function* chunksOfRows(samples: number): Generator<RowChunk> {
  for (let from = 0; from < samples; from += CHUNK_SAMPLES) {
    const count = Math.min(CHUNK_SAMPLES, samples - from);
    const rowsOf: RowChunk['rowsOf'] = (array) => {
      const size = array.length / samples;
      return array.subarray(from * size, (from + count) * size);
    };
    yield { count, rowsOf };
  }
}
