/** What was measured on a GPU as one row a batch, and the batch at which the GPU is full. */
import type { FigureResult, Results } from '../results.ts';
import { digits } from '../table.ts';

export const COLUMNS = [
  'batch',
  'subproblems, samples a second',
  'Adam in tfjs-node',
  'Adam in PyTorch',
  'beside tfjs-node',
  'beside PyTorch',
  'TF32 beside float32',
  'GFLOP/s of products',
  'of 1024³',
  'of 4096³',
] as const;

/** Where the next larger batch gives no more than this times the samples a second, the GPU is full. */
const FULL_BELOW = 1.1;

const range = (values: readonly number[]): string =>
  `${digits(Math.min(...values))} … ${digits(Math.max(...values))}`;

/** One row a batch, in the columns of {@link COLUMNS}: medians, and the least and greatest of what was measured. */
export function rowsByBatch({ figures }: Results, batchSizes: readonly number[]): string[][] {
  const byName = new Map(figures.map((result) => [result.figure, result]));
  const raw = (result: FigureResult | undefined, name: string): string => {
    const [middle, all] = [result?.medians[name], result?.raw[name]];
    return middle === undefined || all === undefined ? '–' : `${digits(middle)} (${range(all)})`;
  };
  const ratio = (result: FigureResult | undefined): string =>
    result === undefined || result.ratio === null
      ? '–'
      : `${digits(result.ratio)}${result.unit === '×' ? '×' : ` ${result.unit}`} (${range(result.values)})`;
  return batchSizes.map((batchSize) => {
    const [adam, torch, tf32] = ['adam', 'torch', 'tf32'].map((name) =>
      byName.get(`gpu-${name}-${batchSize}`),
    );
    const [small, large] = [1024, 4096].map((rows) => byName.get(`gpu-products-${batchSize}-${rows}`));
    return [
      `${batchSize}`,
      ...['subproblemSamplesPerSecond', 'adamSamplesPerSecond'].map((name) => raw(adam, name)),
      raw(torch, 'torchSamplesPerSecond'),
      ...[adam, torch, tf32].map(ratio),
      raw(small, 'workerGflopPerSecond'),
      ...[small, large].map(ratio),
    ];
  });
}

/**
 * The batch from which on a larger one gives hardly more samples a second.
 *
 * @param rates samples a second by batch, from the smallest batch on.
 * @returns null where even the largest still gives more than the one before.
 */
export function fullAt(
  rates: readonly { readonly batchSize: number; readonly rate: number }[],
): number | null {
  const full = rates.find((_, i) => {
    const larger = rates.slice(i + 1);
    return larger.length > 0 && larger.every(({ rate }) => rate <= FULL_BELOW * (rates[i]?.rate ?? 0));
  });
  return full?.batchSize ?? null;
}
