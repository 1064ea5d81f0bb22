/** Reading what a fold is made from, checked byte by byte: stored versions and contributions. */
import type { ObjectStore } from '../cloud/objectStore.ts';
import { sha256Hex } from '../codec/digest.ts';
import type { Layout } from '../consensus/layout.ts';
import { IntegrityError } from '../errors.ts';
import { runKeys } from '../protocol/keys.ts';
import type { RefusalCause } from '../protocol/messages.ts';
import type { VersionEntry } from '../protocol/state.ts';
import type { ContributionName } from './folds.ts';
import type { ParameterMemory } from './memory.ts';
import { decodeParameters, type ParameterVector, requireSameLayout } from './parameterVector.ts';

/** From where a fold reads. */
export interface FoldSource {
  readonly store: ObjectStore;
  readonly run: string;
  readonly memory: ParameterMemory;
}

/** A contribution that the fold needs and cannot use. */
export class UnusableContribution extends Error {
  readonly shard: number;
  readonly contribution: ContributionName;
  readonly reason: RefusalCause;

  constructor(shard: number, contribution: ContributionName, reason: RefusalCause, message: string) {
    super(message);
    this.shard = shard;
    this.contribution = contribution;
    this.reason = reason;
  }
}

async function readParameters(store: ObjectStore, key: string, digest: string): Promise<ParameterVector> {
  const object = await store.get(key);
  const refuse = (received: string): never => {
    throw new IntegrityError(key, { field: 'object', expected: `bytes with SHA-256 ${digest}`, received });
  };
  if (object === null) return refuse('no object');
  const actual = sha256Hex(object.body);
  if (actual !== digest) return refuse(`SHA-256 ${actual} in ${object.body.length} bytes`);
  return decodeParameters(object.body, key);
}

async function remembered(
  { store, memory }: FoldSource,
  key: string,
  digest: string,
): Promise<ParameterVector> {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const read = await readParameters(store, key, digest);
  memory.set(key, read);
  return read;
}

/** z (or z̃) of a stored version, from memory where it was read or formed before. */
export function readVersion(source: FoldSource, entry: VersionEntry, which: 'z' | 'broadcast') {
  const keys = runKeys(source.run);
  const { version, commitId, digest, broadcastDigest } = entry;
  if (which === 'z' || broadcastDigest === null) {
    return remembered(source, keys.consensus(version, commitId), digest);
  }
  return remembered(source, keys.broadcast(version, commitId), broadcastDigest);
}

/** What is left of w̄ of a version besides z. */
export function readRemainder(source: FoldSource, { version, commitId }: VersionEntry, digest: string) {
  return remembered(source, runKeys(source.run).remainder(version, commitId), digest);
}

function notFinite(values: Float32Array): string | null {
  const at = values.findIndex((value) => !Number.isFinite(value));
  return at < 0 ? null : `element ${at}: expected a finite number, received ${values[at]}`;
}

/**
 * w_i of one shard.
 *
 * @throws UnusableContribution where it is missing, is not what its digest says, has other shapes, or is not finite.
 */
export async function readContribution(
  { store, run }: FoldSource,
  layout: Layout,
  shard: number,
  contribution: ContributionName,
): Promise<ParameterVector> {
  const key = runKeys(run).contribution(shard, contribution.version, contribution.digest);
  try {
    const read = await readParameters(store, key, contribution.digest);
    requireSameLayout(layout, read.layout, key);
    const fault = notFinite(read.values);
    if (fault === null) return read;
    throw new UnusableContribution(shard, contribution, 'notFinite', `${key}: ${fault}`);
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    throw new UnusableContribution(shard, contribution, 'unreadable', error.message);
  }
}

/** Keeps what was refused for people to look at, and frees its key for a good upload. */
export async function setAside({ store, run }: FoldSource, unusable: UnusableContribution): Promise<void> {
  const { shard, contribution } = unusable;
  const keys = runKeys(run);
  const key = keys.contribution(shard, contribution.version, contribution.digest);
  const object = await store.get(key);
  if (object === null) return;
  const name = `${sha256Hex(object.body)}.safetensors`;
  await store.create(keys.refused(shard, contribution.version, name), object.body);
  await store.delete([key]);
}
