/** The learning rate of a baseline, chosen on validation data. */
import type { MethodName } from '../../lib/baselines/rules.ts';
import { PadmmError } from '../../lib/errors.ts';
import type { Trials } from './laboratory.ts';
import type { BaselineTrial, Training } from './trial.ts';

/** Rates of the grid lie a factor √10 apart. */
const RATES_A_DECADE = 2;
const GRID_SIZE = 7;
/** Values that may be added on either side before the tuning gives up. */
const MAX_EXTENSIONS = 6;

/** Exponent of the grid's middle, in steps of √10: 10^(m / 2). */
const MIDDLES: Readonly<Record<MethodName, number>> = {
  sgd: -2,
  momentum: -4,
  adagrad: -3,
  rmsprop: -6,
  adam: -5,
};

/** A baseline's settings but its learning rate. */
export type Untuned = Omit<BaselineTrial, 'kind' | 'optimizer'> & { readonly method: MethodName };

export interface Tuned {
  readonly settings: Untuned;
  readonly learningRate: number;
  /** Lowest validation loss of the short run. */
  readonly loss: number;
  /** All rates tried, ascending, with their losses; infinite where training diverged. */
  readonly tried: readonly { readonly learningRate: number; readonly loss: number }[];
}

const rateAt = (exponent: number): number => Number((10 ** (exponent / RATES_A_DECADE)).toPrecision(3));

/** What a short run is judged by. */
const lossOf = ({ diverged, best }: Training): number =>
  diverged === null ? best.validation.loss : Number.POSITIVE_INFINITY;

/** A trial of settings at a rate. */
export function baselineTrial({ method, ...settings }: Untuned, learningRate: number): BaselineTrial {
  return { kind: 'baseline', ...settings, optimizer: { method, learningRate } };
}

/**
 * Tries a grid of seven learning rates, a factor √10 apart, and extends it as long as the best lies at its edge.
 *
 * @throws PadmmError where the best is at the edge still after six extensions.
 */
export async function tuneLearningRate(trials: Trials, settings: Untuned): Promise<Tuned> {
  const losses = new Map<number, number>();
  const tryAll = async (exponents: readonly number[]): Promise<void> => {
    const results = await Promise.all(exponents.map((e) => trials.run(baselineTrial(settings, rateAt(e)))));
    results.forEach((result, i) => {
      losses.set(exponents[i] as number, lossOf(result));
    });
  };
  const middle = MIDDLES[settings.method];
  let [low, high] = [middle - (GRID_SIZE - 1) / 2, middle + (GRID_SIZE - 1) / 2];
  await tryAll(Array.from({ length: GRID_SIZE }, (_, i) => low + i));
  for (let extensions = 0; extensions <= MAX_EXTENSIONS; extensions += 1) {
    const ordered = [...losses].sort(([a], [b]) => a - b);
    const [exponent, loss] = ordered.reduce((best, entry) => (entry[1] < best[1] ? entry : best));
    if (exponent > low && exponent < high) {
      const tried = ordered.map(([e, value]) => ({ learningRate: rateAt(e), loss: value }));
      return { settings, learningRate: rateAt(exponent), loss, tried };
    }
    if (exponent === low) low -= 1;
    else high += 1;
    await tryAll([exponent === low + 1 ? low : high]);
  }
  throw new PadmmError(
    `learning rate of ${settings.method}: expected the best within ${rateAt(low)} to ${rateAt(high)}, found it at the edge`,
  );
}

/** What is varied besides the learning rate. */
export interface TuningSpace {
  readonly batchSizes: readonly number[];
  /** Norms to clip gradients to, tried at the best batch size. */
  readonly clipNorms: readonly number[];
}

/**
 * Tunes a method: the learning rate for every batch size without clipping, then for every clipping norm at the best
 * batch size. The lowest validation loss wins.
 */
export async function tuneBaseline(
  trials: Trials,
  base: Omit<Untuned, 'batchSize' | 'clipNorm'>,
  { batchSizes, clipNorms }: TuningSpace,
): Promise<Tuned> {
  const lower = (a: Tuned, b: Tuned): Tuned => (b.loss < a.loss ? b : a);
  const plain = await Promise.all(
    batchSizes.map((batchSize) => tuneLearningRate(trials, { ...base, batchSize, clipNorm: null })),
  );
  const best = plain.reduce(lower);
  const { batchSize } = best.settings;
  const clipped = await Promise.all(
    clipNorms.map((clipNorm) => tuneLearningRate(trials, { ...base, batchSize, clipNorm })),
  );
  return clipped.reduce(lower, best);
}
