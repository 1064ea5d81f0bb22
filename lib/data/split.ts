import { DataError } from '../errors.ts';
import { permutation, randomStream } from './random.ts';
import { type Samples, selectSamples } from './samples.ts';

/** Indices of one set of samples, cut in two that share none. */
export interface Split {
  readonly kept: Int32Array;
  readonly heldOut: Int32Array;
}

/**
 * Holds out `fraction` of the samples, at least one, by a permutation drawn from (purpose, seed).
 *
 * @param name of the dataset, for the message of an error.
 * @throws DataError where nothing would be left to keep.
 */
export function holdOut(
  name: string,
  purpose: string,
  seed: number,
  samples: number,
  fraction: number,
): Split {
  const count = Math.max(1, Math.round(samples * fraction));
  if (count >= samples) {
    const expected = `at least ${count + 1}, to hold ${count} of them out (${purpose})`;
    throw new DataError(name, { field: 'samples', expected, received: `${samples}` });
  }
  const order = permutation(samples, randomStream(purpose, seed));
  return { kept: order.slice(count).sort(), heldOut: order.slice(0, count).sort() };
}

/** Cuts the training samples in those that are trained on and those of the validation split. */
export const splitValidation = (name: string, seed: number, samples: number, fraction: number): Split =>
  holdOut(name, 'validation', seed, samples, fraction);

/**
 * Holds a test set out of data that come without one. The same samples whatever the run's seed, so that runs from
 * several seeds are measured on the same test set.
 *
 * @throws DataError where nothing would be left to train on.
 */
export function holdOutTest(
  name: string,
  samples: Samples,
  fraction: number,
): { train: Samples; test: Samples } {
  const { kept, heldOut } = holdOut(name, 'test', 0, samples.count, fraction);
  return { train: selectSamples(samples, kept), test: selectSamples(samples, heldOut) };
}
