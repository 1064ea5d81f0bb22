/** What a config will take, told on the command line. */
import { type Estimate, type EstimateOptions, estimateRun, shapeBeforeData } from '../client/estimate.ts';
import type { Prices } from '../client/prices.ts';
import type { RunConfig } from '../protocol/config.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import { bytes, duration, figure } from './format.ts';
import { prepareWithProgress } from './submitToStack.ts';

/**
 * The shape of a config's data: from the config where it tells, else from the files.
 *
 * @throws UsageError or DataError where the files are wanted and not there.
 */
export async function shapeOf(config: RunConfig, data: string | undefined): Promise<TaskShape> {
  return shapeBeforeData(config.dataset) ?? (await prepareWithProgress(config, { data })).manifest.shape;
}

/** The estimate of a config. */
export async function estimateConfig(
  config: RunConfig,
  { data, ...options }: Omit<EstimateOptions, 'shape'> & { readonly data?: string },
): Promise<Estimate> {
  return estimateRun(config, { ...options, shape: await shapeOf(config, data) });
}

/** An estimate in two lines. */
export function estimateLines(estimate: Estimate, { region, asOf }: Prices, workers: number): string[] {
  const { rounds, tasks, seconds, usd, workersUsd, requestsUsd } = estimate;
  return [
    `estimate: ${rounds} rounds, ${tasks} tasks, about ${duration(seconds)} on ${workers} workers, ${bytes(estimate.bytes)} moved`,
    `estimate: ${figure(usd)} USD (workers ${figure(workersUsd)}, requests ${figure(requestsUsd)}) at prices of ${region}, ${asOf}`,
  ];
}
