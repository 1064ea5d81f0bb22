/** A fold in blocks in the store: the plan that its blocks are formed by, and the manifests that make them a version. */
import { sha256Hex } from '../codec/digest.ts';
import { encodeManifest, lengthOf, readManifest } from '../codec/parameterSets.ts';
import { readVerified } from '../codec/verified.ts';
import type { TensorForm } from '../protocol/blocks.ts';
import {
  type ClosingRequest,
  type FoldPlan,
  type FoldRequest,
  foldPlanSchema,
} from '../protocol/foldPlan.ts';
import { blockKeys, runKeys } from '../protocol/keys.ts';
import type { FoldJob, FormedBlock } from '../protocol/messages.ts';
import { parseStored } from '../protocol/validate.ts';
import type { AssemblyRequest } from './blockwise.ts';
import type { FoldSource } from './contributions.ts';
import type { Averaged, Formed, Planned } from './events.ts';
import { type FoldContext, residualsOf } from './fold.ts';

type Context = Omit<FoldContext, 'part'>;

async function storePlan({ store, run, commitId }: Context, plan: FoldPlan): Promise<Planned> {
  const { kind, request } = plan;
  // What arrived says more than what a fold needs of it: the schema leaves that out.
  const body = JSON.stringify(foldPlanSchema.parse(plan));
  await store.create(runKeys(run).plan(request.version, commitId), body);
  return { kind: 'planned', of: kind, version: request.version, commitId, digest: sha256Hex(body) };
}

/** Stores what the blocks of a consensus update are formed from. */
export const planFold = (context: Context, request: FoldRequest): Promise<Planned> =>
  storePlan(context, { schema: 1, run: context.run, commitId: context.commitId, kind: 'round', request });

/** Stores what the blocks of a closing average are formed from. */
export const planAverage = (context: Context, request: ClosingRequest): Promise<Planned> =>
  storePlan(context, { schema: 1, run: context.run, commitId: context.commitId, kind: 'closing', request });

/** The plan of a job. @throws IntegrityError where it is missing or is not what the job says. */
export async function readPlan({ store }: Pick<FoldSource, 'store'>, job: FoldJob): Promise<FoldPlan> {
  const key = runKeys(job.run).plan(job.version, job.commitId);
  const bytes = await readVerified(store, key, job.digest);
  return parseStored(foldPlanSchema, JSON.parse(new TextDecoder().decode(bytes)), key);
}

/** Stores the manifest of the set that would lie at `key`; null where a block has none of it, and then none has. */
async function storeManifest(
  { store }: Context,
  key: string,
  tensors: readonly TensorForm[],
  digests: readonly (string | null)[],
): Promise<string | null> {
  const blocks = digests.flatMap((digest) => digest ?? []);
  if (blocks.length < digests.length) return null;
  const { body, digest } = encodeManifest(tensors, blocks);
  await store.create(blockKeys(key).manifest(digest), body);
  return digest;
}

/** Names the blocks of a version as one: manifests of z, of z̃ and of the remainder. Reads no parameters. */
export async function assemble(context: Context, request: AssemblyRequest): Promise<Formed | Averaged> {
  const { run, store, config } = context;
  const { kind, version, commitId, blocks, current, meanStepSquaredNorm } = request;
  const keys = runKeys(run);
  const currentKey = keys.consensus(current.version, current.commitId);
  const set = { key: currentKey, digest: current.digest, blocks: config.consensus.blocks };
  const { tensors } = await readManifest(store, set);
  const storeSet = (key: string, digestOf: (block: FormedBlock) => string | null) =>
    storeManifest(context, key, tensors, blocks.map(digestOf));
  const [digest, broadcastDigest, remainderDigest] = await Promise.all([
    storeSet(keys.consensus(version, commitId), (block) => block.digest),
    storeSet(keys.broadcast(version, commitId), (block) => block.broadcastDigest),
    storeSet(keys.remainder(version, commitId), (block) => block.remainderDigest),
  ]);
  const stored = { version, commitId, digest: digest as string, broadcastDigest };
  if (kind === 'closing') return { kind: 'averaged', stored };
  const stripes = blocks.flatMap(({ sums }) => sums);
  const residuals = residualsOf(stripes, meanStepSquaredNorm, lengthOf(tensors), config.consensus);
  return { kind: 'formed', stored, remainderDigest, residuals };
}
