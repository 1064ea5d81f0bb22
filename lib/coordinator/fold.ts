/** Carries out a consensus update: reads contributions, forms z and z̃, and stores them under the commit's name. */
import { sha256Hex } from '../codec/digest.ts';
import { extrapolate } from '../consensus/momentum.ts';
import { decayWeights } from '../consensus/prox.ts';
import { remainderOf } from '../consensus/remainder.ts';
import { dualResidual, fullProgress, norm, primalResidual } from '../consensus/residuals.ts';
import type { RunConfig } from '../protocol/config.ts';
import type { Residuals } from '../protocol/history.ts';
import { runKeys } from '../protocol/keys.ts';
import { type Average, averageOf } from './averages.ts';
import { type FoldSource, readVersion, setAside, UnusableContribution } from './contributions.ts';
import type { Formed, Unreadable } from './events.ts';
import type { FoldRequest } from './folds.ts';
import { encodeParameters, type ParameterVector } from './parameterVector.ts';

export interface FoldContext extends FoldSource {
  readonly config: RunConfig;
  readonly commitId: string;
}

type Vector = ParameterVector['values'];

/** The versions that an update starts from. */
interface Before {
  readonly z: ParameterVector;
  /** z̃. */
  readonly broadcast: ParameterVector;
  /** z̃ of the version before that; null where there is no velocity. */
  readonly previous: ParameterVector | null;
}

async function readBefore(context: FoldContext, request: FoldRequest): Promise<Before> {
  const { momentum } = context.config.consensus;
  const z = await readVersion(context, request.current, 'z');
  // Without momentum z̃ is z, and in memory by now.
  const [broadcast, previous] = await Promise.all([
    readVersion(context, request.current, 'broadcast'),
    request.previous && momentum > 0 ? readVersion(context, request.previous, 'broadcast') : null,
  ]);
  return { z, broadcast, previous };
}

async function storeVector(context: FoldContext, key: string, vector: ParameterVector): Promise<string> {
  const bytes = encodeParameters(vector);
  await context.store.create(key, bytes);
  context.memory.set(key, vector);
  return sha256Hex(bytes);
}

function residualsOf(
  { config }: FoldContext,
  request: FoldRequest,
  { z: current, broadcast }: Before,
  { average, z, progress }: { average: Vector; z: Vector; progress: Average['progress'] },
): Residuals {
  const primal = primalResidual({
    meanStepSquaredNorm: request.meanStepSquaredNorm,
    relaxation: config.consensus.relaxation,
    consensus: z,
    broadcast: broadcast.values,
    progress: progress ? progress(z, broadcast.values) : fullProgress(average, z, broadcast.values),
  });
  const dual = dualResidual(z, current.values, current.layout, request.penalty);
  return { primal, dual, consensusNorm: norm(z), parameters: z.length };
}

async function form(context: FoldContext, request: FoldRequest): Promise<Formed> {
  const { momentum, weightDecay } = context.config.consensus;
  const { version, penalty } = request;
  const before = await readBefore(context, request);
  const { layout } = before.z;
  const { mean, progress } = await averageOf(context, request, before.z, context.config);
  const average = Float32Array.from(mean);
  const z = decayWeights(average, layout, penalty, weightDecay);
  const broadcast = extrapolate(z, before.broadcast.values, before.previous?.values ?? null, momentum);
  const keys = runKeys(context.run);
  const store = (key: string, values: Vector) => storeVector(context, key, { layout, values });
  const remainder = () => remainderOf(mean, { consensus: z, layout, penalty, weightDecay });
  const { commitId } = context;
  const [digest, broadcastDigest, remainderDigest] = await Promise.all([
    store(keys.consensus(version, commitId), z),
    broadcast === z ? null : store(keys.broadcast(version, commitId), broadcast),
    request.keepsRemainder ? store(keys.remainder(version, commitId), remainder()) : null,
  ]);
  return {
    kind: 'formed',
    stored: { version, commitId, digest, broadcastDigest },
    remainderDigest,
    residuals: residualsOf(context, request, before, { average, z, progress }),
  };
}

/** Carries out a fold. A contribution that cannot be used is an outcome; a store that fails rejects. */
export async function fold(context: FoldContext, request: FoldRequest): Promise<Formed | Unreadable> {
  try {
    return await form(context, request);
  } catch (error) {
    if (!(error instanceof UnusableContribution)) throw error;
    await setAside(context, error);
    const { shard, contribution, reason: cause, message: reason } = error;
    return { kind: 'unreadable', shard, version: contribution.version, cause, reason };
  }
}
