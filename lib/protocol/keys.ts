/**
 * Where objects live in the bucket. All are immutable but `state.json`, which is replaced by compare-and-swap.
 * Keys are made here alone, from values that a schema has checked, so that no key is built from unchecked input.
 */

/** Digits of a version in a key: enough for the largest `stop.maxRounds`, so that keys sort by version. */
const VERSION_DIGITS = 8;
const pad = (version: number): string => String(version).padStart(VERSION_DIGITS, '0');

export type SplitName = 'train' | 'validation' | 'test';

export const RUNS_PREFIX = 'runs/';
export const DATASETS_PREFIX = 'datasets/';

export const datasetKeys = (digest: string) => {
  const root = `${DATASETS_PREFIX}${digest}`;
  return {
    /** Written last: a dataset whose manifest exists is whole. */
    manifest: `${root}/manifest.json`,
    part: (split: SplitName, index: number) =>
      `${root}/${split}/${String(index).padStart(5, '0')}.safetensors`,
  };
};

const WHOLE = '.safetensors';

/**
 * Where a parameter set lies that is cut in blocks.
 *
 * @param whole where it would lie as one object.
 */
export const blockKeys = (whole: string) => {
  const base = whole.slice(0, -WHOLE.length);
  return {
    /** Names the blocks; its own digest names it, since two commits may put different ones together. */
    manifest: (digest: string) => `${base}.${digest}.json`,
    block: (index: number, digest: string) => `${base}.${index}-${digest}.f32`,
  };
};

export const runKeys = (run: string) => {
  const root = `${RUNS_PREFIX}${run}`;
  return {
    prefix: `${root}/`,
    config: `${root}/config.json`,
    /** Names the dataset by its digest. */
    dataset: `${root}/dataset.json`,
    state: `${root}/state.json`,
    /** Says that the run's end was told. */
    announced: `${root}/announced.json`,
    /** z of a version. */
    consensus: (version: number, commitId: string) =>
      `${root}/consensus/${pad(version)}/${commitId}.safetensors`,
    /** z̃ of a version, where momentum makes it differ from z. */
    broadcast: (version: number, commitId: string) =>
      `${root}/consensus/${pad(version)}/${commitId}.broadcast.safetensors`,
    /** What float32 leaves of the average of a version, from which a partial update goes on. */
    remainder: (version: number, commitId: string) =>
      `${root}/consensus/${pad(version)}/${commitId}.remainder.safetensors`,
    /** What the blocks of a version are formed from. */
    plan: (version: number, commitId: string) => `${root}/consensus/${pad(version)}/${commitId}.plan.json`,
    consensusPrefix: `${root}/consensus/`,
    contributionsPrefix: `${root}/contributions/`,
    leasesPrefix: `${root}/leases/`,
    /** Leases on the tasks of one version. */
    leasesOf: (kind: string, version: number) => `${root}/leases/${kind}/${pad(version)}/`,
    /** w_i of one shard, solved from the broadcast of `version`. */
    contribution: (shard: number, version: number, digest: string) =>
      `${root}/contributions/${shard}/${pad(version)}/${digest}.safetensors`,
    lease: (kind: string, version: number, shard: number, attempt: number) =>
      `${root}/leases/${kind}/${pad(version)}/${shard}-${attempt}.json`,
    refused: (shard: number, version: number, name: string) =>
      `${root}/refused/${shard}/${pad(version)}/${name}`,
    historyPrefix: `${root}/history/`,
    round: (version: number) => `${root}/history/${pad(version)}-round.json`,
    evaluation: (version: number, split: 'validation' | 'test') =>
      `${root}/history/${pad(version)}-${split}.json`,
  };
};
