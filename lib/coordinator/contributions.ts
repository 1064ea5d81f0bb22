/** Reading what a fold is made from, checked byte by byte: stored versions and contributions. */
import type { ObjectStore } from '../cloud/objectStore.ts';
import { readBlock } from '../codec/parameterSets.ts';
import { DamagedObjectError, digestLike, readVerified } from '../codec/verified.ts';
import { type Layout, sliceLayout } from '../consensus/layout.ts';
import { IntegrityError } from '../errors.ts';
import { type BlockCount, blockRanges, type Range } from '../protocol/blocks.ts';
import type { ContributionName } from '../protocol/foldPlan.ts';
import { runKeys } from '../protocol/keys.ts';
import type { RefusalCause } from '../protocol/messages.ts';
import type { VersionEntry } from '../protocol/state.ts';
import type { ParameterMemory } from './memory.ts';
import { decodeParameters, layoutOf, type ParameterVector, requireSameLayout } from './parameterVector.ts';

/** The part of every parameter set that a fold is about: block `index` of `count`, or all of it where that is 1. */
export interface Part {
  readonly count: BlockCount;
  readonly index: number;
}

export const WHOLE: Part = { count: 1, index: 0 };

/** From where a fold reads. */
export interface FoldSource {
  readonly store: ObjectStore;
  readonly run: string;
  readonly memory: ParameterMemory;
  readonly part: Part;
}

/** A contribution that the fold needs and cannot use. */
export class UnusableContribution extends Error {
  readonly shard: number;
  readonly contribution: ContributionName;
  readonly reason: RefusalCause;
  /** The object at fault. */
  readonly key: string;
  /** What its digest should be; null where the object is the right one, and no good. */
  readonly digest: string | null;

  constructor(
    { shard, contribution, key }: Pick<UnusableContribution, 'shard' | 'contribution' | 'key'>,
    reason: RefusalCause,
    cause: Error,
  ) {
    super(cause.message, { cause });
    this.shard = shard;
    this.contribution = contribution;
    this.reason = reason;
    this.key = cause instanceof DamagedObjectError ? cause.key : key;
    this.digest = cause instanceof DamagedObjectError ? cause.digest : null;
  }
}

/** The part of a stored parameter set that the source is about. */
async function readParameters(
  { store, part }: FoldSource,
  key: string,
  digest: string,
  checksum?: string,
): Promise<ParameterVector> {
  if (part.count === 1) return decodeParameters(await readVerified(store, key, digest, checksum), key);
  const { tensors, values } = await readBlock(store, { key, digest, blocks: part.count }, part.index);
  const whole = layoutOf(tensors);
  const range = blockRanges(whole.length, part.count)[part.index] as Range;
  return { layout: sliceLayout(whole, range), values };
}

/** Under what the part of a set is kept in memory that would lie at `key` as one object. */
export const memoryKey = ({ part }: FoldSource, key: string): string => `${key}#${part.index}/${part.count}`;

async function remembered(
  source: FoldSource,
  key: string,
  digest: string,
  checksum?: string,
): Promise<ParameterVector> {
  const { memory } = source;
  const known = memory.get(memoryKey(source, key));
  if (known !== undefined) return known;
  const read = await readParameters(source, key, digest, checksum);
  memory.set(memoryKey(source, key), read);
  return read;
}

/** z (or z̃) of a stored version, from memory where it was read or formed before. */
export function readVersion(source: FoldSource, entry: VersionEntry, which: 'z' | 'broadcast') {
  const keys = runKeys(source.run);
  const { version, commitId, digest, broadcastDigest, checksum, broadcastChecksum } = entry;
  if (which === 'z' || broadcastDigest === null) {
    return remembered(source, keys.consensus(version, commitId), digest, checksum);
  }
  return remembered(source, keys.broadcast(version, commitId), broadcastDigest, broadcastChecksum);
}

/** What is left of w̄ of a version besides z. */
export function readRemainder(source: FoldSource, { version, commitId }: VersionEntry, digest: string) {
  return remembered(source, runKeys(source.run).remainder(version, commitId), digest);
}

function notFinite(values: Float32Array): string | null {
  // Loops over elements are written out here and in lib/consensus: a function called for each takes many times as long.
  let at = 0;
  while (at < values.length && Number.isFinite(values[at])) at += 1;
  return at === values.length ? null : `element ${at}: expected a finite number, received ${values[at]}`;
}

/**
 * w_i of one shard, which may have elements that are not finite: see {@link requireFinite}.
 *
 * @throws UnusableContribution where it is missing, is not what its digest says, or has other shapes.
 */
export async function readContribution(
  source: FoldSource,
  layout: Layout,
  shard: number,
  contribution: ContributionName,
): Promise<ParameterVector> {
  const key = runKeys(source.run).contribution(shard, contribution.version, contribution.digest);
  const at = { shard, contribution, key };
  try {
    const read = await readParameters(source, key, contribution.digest);
    requireSameLayout(layout, read.layout, key);
    return read;
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    throw new UnusableContribution(at, 'unreadable', error);
  }
}

/**
 * Looks at each element of w_i of one shard, which is read again.
 *
 * @throws UnusableContribution where one is not finite, or as {@link readContribution}.
 */
export async function requireFinite(
  source: FoldSource,
  layout: Layout,
  shard: number,
  contribution: ContributionName,
): Promise<void> {
  const fault = notFinite((await readContribution(source, layout, shard, contribution)).values);
  if (fault === null) return;
  const key = runKeys(source.run).contribution(shard, contribution.version, contribution.digest);
  const at = { shard, contribution, key };
  throw new UnusableContribution(at, 'notFinite', new Error(`${key}: ${fault}`));
}

/** Keeps what was refused for people to look at, and frees its key for a good upload, unless that has come already. */
export async function setAside(
  { store, run }: Pick<FoldSource, 'store' | 'run'>,
  { shard, contribution, key, digest }: UnusableContribution,
): Promise<void> {
  const object = await store.get(key);
  if (object === null) return;
  const actual = digestLike(digest ?? contribution.digest, object.body);
  if (actual === digest) return;
  const name = `${actual}${key.slice(key.lastIndexOf('.'))}`;
  await store.create(runKeys(run).refused(shard, contribution.version, name), object.body);
  await store.delete([key]);
}
