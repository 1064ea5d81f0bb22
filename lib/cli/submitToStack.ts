import { ASSUMED_CAPACITY, type CoordinatorCapacity } from '../client/commitSize.ts';
import { prepareRun, submitPrepared } from '../client/submit.ts';
import type { ClientOptions } from '../cloud/clients.ts';
import { DEFAULT_STACK, type StackDeployment } from '../cloud/stack.ts';
import type { PreparedDataset } from '../data/prepare.ts';
import type { RunConfig } from '../protocol/config.ts';
import { type BandwidthOptions, bytesPerSecondOf } from './options.ts';
import { chosenStack, type PlaceOptions, withStack } from './place.ts';
import { createProgress } from './progress.ts';
import { wantWorkers } from './wantWorkers.ts';

export interface StackSubmission {
  readonly run: string;
  readonly deployment: StackDeployment;
}

/** What a deployment's coordinator can do: by the stack's outputs, where it tells, and what a person says. */
export function capacityOf(
  { coordinator }: Pick<StackDeployment, 'coordinator'>,
  options: BandwidthOptions,
): CoordinatorCapacity {
  const bytesPerSecond = bytesPerSecondOf(options) ?? ASSUMED_CAPACITY.bytesPerSecond;
  return { ...ASSUMED_CAPACITY, ...coordinator, bytesPerSecond };
}

/** Where the files of a dataset are, and how S3 is reached where they are there. */
export interface DataPlace {
  /** A directory, or `s3://BUCKET/PREFIX`. */
  readonly data?: string | undefined;
  readonly cloud?: ClientOptions;
}

/**
 * Reads and checks the data of a run, and shows how far that is.
 *
 * @throws ConfigError, DataError or UsageError where config or data are wrong.
 */
export async function prepareWithProgress(
  config: RunConfig,
  { data, cloud }: DataPlace,
  signal?: AbortSignal,
): Promise<PreparedDataset> {
  const progress = createProgress(config);
  try {
    return await prepareRun({
      ...{ config, dataDirectory: data, cloud, signal },
      onProgress: ({ activity, done, total }) => progress.activity(`${activity}: ${done}/${total}`),
    });
  } finally {
    progress.end();
  }
}

/**
 * Submits a run to a deployment and wants workers for it. The deployment is found first: where there is none, nothing is
 * read and nothing written.
 *
 * @throws EnvironmentError where there is no such deployment, or it is of another version; and as `submitPrepared`.
 */
export function submitToStack(
  config: RunConfig,
  options: PlaceOptions & BandwidthOptions & { readonly data?: string },
): Promise<StackSubmission> {
  return withStack(chosenStack(options) ?? DEFAULT_STACK, options, async ({ connection, stack }) => {
    const prepared = await prepareWithProgress(config, { data: options.data, cloud: stack });
    const { run } = await submitPrepared(connection, config, prepared, {
      capacity: capacityOf(stack, options),
    });
    await wantWorkers(stack, config.shards);
    return { run, deployment: stack };
  });
}
