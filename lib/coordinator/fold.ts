/** Carries out a consensus update on a part of the parameters, or on all: forms z and z̃, and stores them. */
import { setImmediate } from 'node:timers/promises';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { checksumHex } from '../codec/checksum.ts';
import { sha256Hex, sha256HexAside } from '../codec/digest.ts';
import { takeMemory } from '../codec/freeMemory.ts';
import type { Layout } from '../consensus/layout.ts';
import { extrapolate } from '../consensus/momentum.ts';
import { consensusStep } from '../consensus/prox.ts';
import { remainderOf } from '../consensus/remainder.ts';
import {
  addSums,
  dualResidual,
  primalResidual,
  type ResidualSums,
  residualSums,
  type Update,
} from '../consensus/residuals.ts';
import { stripeRanges } from '../protocol/blocks.ts';
import type { RunConfig } from '../protocol/config.ts';
import type { FoldRequest } from '../protocol/foldPlan.ts';
import type { Residuals } from '../protocol/history.ts';
import { blockKeys, runKeys } from '../protocol/keys.ts';
import type { StoredVersion } from '../protocol/messages.ts';
import { momentumOf, weightDecays } from '../protocol/resolve.ts';
import { averageOf, releaseAverage } from './averages.ts';
import {
  type FoldSource,
  memoryKey,
  readVersion,
  setAside,
  UnusableContribution,
  WHOLE,
} from './contributions.ts';
import type { Formed, Unreadable } from './events.ts';
import { blankParameters, type ParameterVector, type StorableVector } from './parameterVector.ts';

export interface FoldContext extends FoldSource {
  readonly config: RunConfig;
  /** Names what is stored. */
  readonly commitId: string;
}

/** A part of a new version, as it lies in the store. */
export interface FormedPart {
  readonly digest: string;
  readonly broadcastDigest: string | null;
  readonly remainderDigest: string | null;
  /** Elements of the part. */
  readonly length: number;
  /** Of what the digests of z and z̃ are of, where they are one object. */
  readonly checksums: Pick<StoredVersion, 'checksum' | 'broadcastChecksum'>;
  /** Of each stripe. */
  readonly sums: readonly ResidualSums[];
}

/** The versions that an update starts from. */
interface Before {
  readonly z: ParameterVector;
  /** z̃. */
  readonly broadcast: ParameterVector;
  /** z̃ of the version before that; null where there is no velocity. */
  readonly previous: ParameterVector | null;
}

async function readBefore(context: FoldContext, request: FoldRequest): Promise<Before> {
  const momentum = momentumOf(context.config);
  const z = await readVersion(context, request.current, 'z');
  // Without momentum z̃ is z, and in memory by now.
  const [broadcast, previous] = await Promise.all([
    readVersion(context, request.current, 'broadcast'),
    request.previous && momentum > 0 ? readVersion(context, request.previous, 'broadcast') : null,
  ]);
  return { z, broadcast, previous };
}

/** A vector of the source's part whose numbers are still to be written. */
export function blankPart({ part }: Pick<FoldSource, 'part'>, layout: Layout): StorableVector {
  if (part.count === 1) return blankParameters(layout);
  const bytes = new Uint8Array(takeMemory(layout.length * Float32Array.BYTES_PER_ELEMENT).buffer);
  return { layout, values: new Float32Array(bytes.buffer), bytes };
}

/** How what was stored is known; a block has no checksum. */
export type StoredPart = Pick<StoredVersion, 'digest' | 'checksum'>;

async function storeWhole(
  store: ObjectStore,
  key: string,
  bytes: StorableVector['bytes'],
): Promise<StoredPart> {
  // The commit names the object, so that it can go before its digest is known.
  const storing = Promise.all([sha256HexAside(bytes), store.create(key, bytes)]);
  const checksum = checksumHex(bytes);
  const [digest] = await storing;
  return { digest, checksum };
}

/** Stores a part of the set that would lie at `key` as one object. */
export async function storePart(
  { store, part }: Pick<FoldSource, 'store' | 'part'>,
  key: string,
  { bytes }: StorableVector,
): Promise<StoredPart> {
  if (part.count === 1) return storeWhole(store, key, bytes);
  const digest = sha256Hex(bytes);
  await store.create(blockKeys(key).block(part.index, digest), bytes);
  return { digest };
}

/** Elements that are summed before what is under way goes on: a third of a millisecond. */
const SUMMED_AT_ONCE = 65_536;

/** The sums over each stripe of the part, formed while it is being stored. */
async function sumsOf(
  { part }: FoldContext,
  { penalty }: FoldRequest,
  before: Before,
  update: Update,
  z: Float32Array,
): Promise<ResidualSums[]> {
  const { layout } = before.z;
  const versions = { current: before.z.values, broadcast: before.broadcast.values };
  const sums: ResidualSums[] = [];
  let summed = 0;
  for (const range of stripeRanges(layout.length, part.count)) {
    sums.push(residualSums(z, versions, update, layout, penalty, range));
    summed += range.end - range.start;
    if (summed < SUMMED_AT_ONCE) continue;
    summed = 0;
    await setImmediate();
  }
  return sums;
}

/** z̃ of the new version; null where it is z. */
function broadcastOf(
  context: FoldContext,
  { broadcast, previous }: Before,
  { layout, values }: ParameterVector,
): StorableVector | null {
  if (previous === null) return null;
  const next = blankPart(context, layout);
  extrapolate(values, broadcast.values, previous.values, momentumOf(context.config), next.values);
  return next;
}

/** Forms and stores z, z̃ and what is left of w̄, from an average that may be let go afterwards. */
async function formFrom(
  context: FoldContext,
  request: FoldRequest,
  before: Before,
  update: Update,
): Promise<FormedPart> {
  const weightDecay = weightDecays(context.config);
  const { version, penalty } = request;
  const { layout } = before.z;
  const { mean } = update;
  const z = blankPart(context, layout);
  consensusStep(mean, layout, penalty, weightDecay, z.values);
  const broadcast = broadcastOf(context, before, z);
  const remainder = request.keepsRemainder ? blankPart(context, layout) : null;
  const keys = runKeys(context.run);
  const store = async (key: string, vector: StorableVector) => {
    const stored = await storePart(context, key, vector);
    context.memory.set(memoryKey(context, key), vector);
    return stored;
  };
  const storeRemainder = (vector: StorableVector) => {
    remainderOf(mean, { consensus: z.values, layout, penalty, weightDecay }, vector.values);
    return store(keys.remainder(version, commitId), vector);
  };
  const { commitId } = context;
  const [stored, broadcastStored, remainderStored, sums] = await Promise.all([
    store(keys.consensus(version, commitId), z),
    broadcast && store(keys.broadcast(version, commitId), broadcast),
    remainder && storeRemainder(remainder),
    sumsOf(context, request, before, update, z.values),
  ]);
  return {
    digest: stored.digest,
    broadcastDigest: broadcastStored?.digest ?? null,
    remainderDigest: remainderStored?.digest ?? null,
    checksums: {
      ...(stored.checksum && { checksum: stored.checksum }),
      ...(broadcastStored?.checksum && { broadcastChecksum: broadcastStored.checksum }),
    },
    length: layout.length,
    sums,
  };
}

/**
 * Forms and stores the source's part of a new version.
 *
 * @throws UnusableContribution where a contribution cannot be used.
 */
export function formPart(context: FoldContext, request: FoldRequest): Promise<FormedPart> {
  return context.memory.use(async () => {
    const before = await readBefore(context, request);
    const average = await averageOf(context, request, before.z, context.config);
    const formed = await formFrom(context, request, before, average);
    releaseAverage(context, average);
    return formed;
  });
}

/** The residuals of a new version of `parameters` elements, from the sums over all of its stripes. */
export function residualsOf(
  stripes: readonly ResidualSums[],
  meanStepSquaredNorm: number,
  parameters: number,
  { relaxation }: RunConfig['consensus'],
): Residuals {
  const sums = addSums(stripes);
  return {
    primal: primalResidual({ ...sums, meanStepSquaredNorm, relaxation }),
    dual: dualResidual(sums),
    consensusNorm: Math.sqrt(sums.squaredNorm),
    parameters,
  };
}

async function form(context: FoldContext, request: FoldRequest): Promise<Formed> {
  const formed = await formPart(context, request);
  const { digest, broadcastDigest, remainderDigest, checksums, length, sums } = formed;
  const { version, meanStepSquaredNorm } = request;
  return {
    kind: 'formed',
    stored: { version, commitId: context.commitId, digest, broadcastDigest, ...checksums },
    remainderDigest,
    residuals: residualsOf(sums, meanStepSquaredNorm, length, context.config.consensus),
  };
}

/** Carries out a whole fold. A contribution that cannot be used is an outcome; a store that fails rejects. */
export async function fold(
  context: Omit<FoldContext, 'part'>,
  request: FoldRequest,
): Promise<Formed | Unreadable> {
  try {
    return await form({ ...context, part: WHOLE }, request);
  } catch (error) {
    if (!(error instanceof UnusableContribution)) throw error;
    await setAside(context, error);
    const { shard, contribution, reason: cause, message: reason } = error;
    return { kind: 'unreadable', shard, version: contribution.version, cause, reason };
  }
}
