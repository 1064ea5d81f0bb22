/** Carries out a consensus update: reads contributions, forms z and z̃, and stores them under the commit's name. */
import type { ObjectStore } from '../cloud/objectStore.ts';
import { sha256Hex } from '../codec/digest.ts';
import { WeightedSum } from '../consensus/average.ts';
import type { Layout } from '../consensus/layout.ts';
import { extrapolate } from '../consensus/momentum.ts';
import { decayWeights } from '../consensus/prox.ts';
import { dualResidual, primalResidual } from '../consensus/residuals.ts';
import { IntegrityError } from '../errors.ts';
import type { RunConfig } from '../protocol/config.ts';
import { runKeys } from '../protocol/keys.ts';
import type { VersionEntry } from '../protocol/state.ts';
import type { Formed, Unreadable } from './events.ts';
import type { FoldRequest, Member } from './folds.ts';
import type { ParameterMemory } from './memory.ts';
import {
  decodeParameters,
  encodeParameters,
  type ParameterVector,
  requireSameLayout,
} from './parameterVector.ts';

/** Contributions read ahead of the one being added: bounds memory, hides latency. */
const READ_AHEAD = 8;

export interface FoldContext {
  readonly store: ObjectStore;
  readonly run: string;
  readonly config: RunConfig;
  readonly commitId: string;
  readonly memory: ParameterMemory;
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

/** z (or z̃) of a stored version, from memory where it was read or formed before. */
async function readVersion(context: FoldContext, entry: VersionEntry, which: 'z' | 'broadcast') {
  const keys = runKeys(context.run);
  const apart = which === 'broadcast' && entry.broadcastDigest !== null;
  const key = (apart ? keys.broadcast : keys.consensus)(entry.version, entry.commitId);
  const known = context.memory.get(key);
  if (known !== undefined) return known;
  const read = await readParameters(context.store, key, apart ? (entry.broadcastDigest ?? '') : entry.digest);
  context.memory.set(key, read);
  return read;
}

function requireFinite(values: Float32Array, subject: string): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new IntegrityError(subject, {
      field: `element ${at}`,
      expected: 'a finite number',
      received: `${values[at]}`,
    });
  }
}

/** w_i of one member; z_0 for a shard that has not arrived yet. */
async function readMember(
  context: FoldContext,
  { initial, current }: FoldRequest,
  layout: Layout,
  member: Member,
): Promise<ParameterVector> {
  if (member.contribution === null) return readVersion(context, initial ?? current, 'z');
  const { version, digest } = member.contribution;
  const key = runKeys(context.run).contribution(member.shard, version, digest);
  const read = await readParameters(context.store, key, digest);
  requireSameLayout(layout, read.layout, key);
  requireFinite(read.values, key);
  return read;
}

/** w̄, added in the order of the members while the next ones are being read. */
async function average(context: FoldContext, request: FoldRequest, layout: Layout) {
  const { members } = request;
  const sum = new WeightedSum(layout.length);
  const ahead: Promise<ParameterVector>[] = [];
  const readNext = (member: Member | undefined): void => {
    if (member === undefined) return;
    const read = readMember(context, request, layout, member);
    // A failure is reported when its turn comes; until then it must not count as unhandled.
    read.catch(() => undefined);
    ahead.push(read);
  };
  for (const member of members.slice(0, READ_AHEAD)) readNext(member);
  for (const [at, member] of members.entries()) {
    try {
      const contribution = await (ahead.shift() as Promise<ParameterVector>);
      readNext(members[at + READ_AHEAD]);
      sum.add(contribution.values, member.samples);
    } catch (error) {
      if (error instanceof IntegrityError) throw new UnreadableMember(member, error);
      throw error;
    }
  }
  return sum.average();
}

class UnreadableMember extends Error {
  readonly member: Member;

  constructor(member: Member, cause: IntegrityError) {
    super(cause.message, { cause });
    this.member = member;
  }
}

async function storeVersion(context: FoldContext, key: string, vector: ParameterVector): Promise<string> {
  const bytes = encodeParameters(vector);
  await context.store.create(key, bytes);
  context.memory.set(key, vector);
  return sha256Hex(bytes);
}

async function formed(context: FoldContext, request: FoldRequest): Promise<Formed> {
  const { momentum, relaxation, weightDecay } = context.config.consensus;
  const { version, penalty, meanStepSquaredNorm } = request;
  const [current, broadcast, previous] = await Promise.all([
    readVersion(context, request.current, 'z'),
    readVersion(context, request.current, 'broadcast'),
    request.previous && momentum > 0 ? readVersion(context, request.previous, 'broadcast') : null,
  ]);
  const { layout } = current;
  const mean = await average(context, request, layout);
  const z = decayWeights(mean, layout, penalty, weightDecay);
  const next = extrapolate(z, broadcast.values, previous?.values ?? null, momentum);
  const keys = runKeys(context.run);
  const [digest, broadcastDigest] = await Promise.all([
    storeVersion(context, keys.consensus(version, context.commitId), { layout, values: z }),
    next === z
      ? null
      : storeVersion(context, keys.broadcast(version, context.commitId), { layout, values: next }),
  ]);
  const primalTerms = {
    meanStepSquaredNorm,
    relaxation,
    average: mean,
    consensus: z,
    broadcast: broadcast.values,
  };
  return {
    kind: 'formed',
    stored: { version, commitId: context.commitId, digest, broadcastDigest },
    residuals: {
      primal: primalResidual(primalTerms),
      dual: dualResidual(z, current.values, layout, penalty),
    },
  };
}

/** Keeps what was refused for people to look at, and frees its key for a good upload. */
async function setAside({ store, run }: FoldContext, { shard, contribution }: Member): Promise<void> {
  if (contribution === null) return;
  const keys = runKeys(run);
  const key = keys.contribution(shard, contribution.version, contribution.digest);
  const object = await store.get(key);
  if (object === null) return;
  await store.create(
    keys.refused(shard, contribution.version, `${sha256Hex(object.body)}.safetensors`),
    object.body,
  );
  await store.delete([key]);
}

/** Carries out a fold. A contribution that cannot be used is an outcome; a store that fails rejects. */
export async function fold(context: FoldContext, request: FoldRequest): Promise<Formed | Unreadable> {
  try {
    return await formed(context, request);
  } catch (error) {
    if (!(error instanceof UnreadableMember)) throw error;
    await setAside(context, error.member);
    return { kind: 'unreadable', shard: error.member.shard, reason: error.message };
  }
}
