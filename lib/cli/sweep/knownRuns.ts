/** Runs that a sweep need not make, because they were made before: by an interrupted sweep, or by anybody. */
import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import { getJson } from '../../cloud/json.ts';
import type { ObjectStore } from '../../cloud/objectStore.ts';
import { PadmmError } from '../../errors.ts';
import { listRunIds } from '../../observe/runList.ts';
import { readRunHead } from '../../observe/runView.ts';
import type { RunConfig } from '../../protocol/config.ts';
import { type DatasetManifest, datasetReferenceSchema } from '../../protocol/dataset.ts';
import { runKeys } from '../../protocol/keys.ts';
import { resolveConfig } from '../../protocol/resolve.ts';
import { isEnded, type RunState } from '../../protocol/state.ts';

/** A stored run, and the data that it is trained on. */
export interface KnownRun {
  readonly run: string;
  readonly config: RunConfig;
  readonly dataset: string;
  readonly status: RunState['status'];
}

const PARALLEL_READS = 16;

async function readKnown(store: ObjectStore, run: string): Promise<KnownRun | null> {
  try {
    const { config, state } = await readRunHead(store, run);
    const reference = await getJson(store, runKeys(run).dataset, datasetReferenceSchema);
    if (reference === null) return null;
    return { run, config, dataset: reference.value.digest, status: state.status };
  } catch (error) {
    // One that cannot be read, or is deleted meanwhile, is none that could be taken up.
    if (error instanceof PadmmError) return null;
    throw error;
  }
}

/** All runs of a place that can be read, the newest last. */
export async function readKnownRuns(store: ObjectStore): Promise<KnownRun[]> {
  const runs = await pLimit(PARALLEL_READS).map(await listRunIds(store), (run) => readKnown(store, run));
  return runs.filter((known) => known !== null);
}

/** What a run computes: an editor's hint is no part of it. */
const computed = ({ $schema: _, ...config }: RunConfig) => config;

/**
 * The newest run of a config on the same data, unless it failed: one that has ended or goes on. A stopped one has ended
 * because somebody wanted so.
 */
export function findKnownRun(
  known: readonly KnownRun[],
  config: RunConfig,
  manifest: DatasetManifest,
): KnownRun | undefined {
  const wanted = computed(resolveConfig(config, manifest.shape));
  return known.findLast(
    (run) =>
      run.status !== 'failed' &&
      run.dataset === manifest.digest &&
      isDeepStrictEqual(computed(run.config), wanted),
  );
}

export const hasEnded = ({ status }: KnownRun): boolean => isEnded(status);
