/** The average w̄ of a fold, anew from all contributions or from the last average and what has changed. */

import { freeMemory } from '../codec/freeMemory.ts';
import { type Mean, WeightedSum } from '../consensus/average.ts';
import type { Layout } from '../consensus/layout.ts';
import { meanOf } from '../consensus/remainder.ts';
import type { Update } from '../consensus/residuals.ts';
import { type SumBuffer, TERMS_IN_ONE_PASS, type Term } from '../consensus/sumBuffer.ts';
import { IntegrityError } from '../errors.ts';
import type { RunConfig } from '../protocol/config.ts';
import type { Change, FoldRequest, Member, PartialUpdate } from '../protocol/foldPlan.ts';
import { weightDecays } from '../protocol/resolve.ts';
import {
  type FoldSource,
  readContribution,
  readRemainder,
  readVersion,
  requireFinite,
  UnusableContribution,
} from './contributions.ts';
import type { ParameterVector } from './parameterVector.ts';

/** Contributions read ahead of those being added: bounds memory, hides latency. */
const READ_AHEAD = 2 * TERMS_IN_ONE_PASS;

/** w̄ in float64, and how it came about. */
export interface Average extends Update {
  /** What it was summed in, and may lie in. */
  readonly buffer: SumBuffer;
}

/** Lets go of an average: its memory serves the next fold. */
export function releaseAverage({ memory }: FoldSource, { buffer }: Average): void {
  memory.giveBuffer(buffer);
}

/** What `read` gives for each item, in order, while the next ones are being read. */
async function* inOrder<Item, Read>(
  items: readonly Item[],
  readAhead: number,
  read: (item: Item) => Promise<Read>,
): AsyncGenerator<[Item, Read]> {
  const ahead: Promise<Read>[] = [];
  const begin = (item: Item | undefined): void => {
    if (item === undefined) return;
    const reading = read(item);
    // A failure is reported when its turn comes; until then it must not count as unhandled.
    reading.catch(() => undefined);
    ahead.push(reading);
  };
  for (const item of items.slice(0, readAhead)) begin(item);
  for (const [at, item] of items.entries()) {
    const value = await (ahead.shift() as Promise<Read>);
    begin(items[at + readAhead]);
    yield [item, value];
  }
}

function readInitial(source: FoldSource, initial: FoldRequest['initial']): Promise<ParameterVector> {
  if (initial === null) throw new Error(`${source.run}: a fold needs z_0 and was not given it`);
  return readVersion(source, initial, 'z');
}

/** w_i of one shard; z_0 before its first arrival. */
function readOf(
  source: FoldSource,
  { initial }: FoldRequest,
  layout: Layout,
  shard: number,
  contribution: Member['contribution'],
): Promise<ParameterVector> {
  if (contribution === null) return readInitial(source, initial);
  return readContribution(source, layout, shard, contribution);
}

/**
 * Finds out whose elements have made a sum not finite, if it is not. Float64 holds whatever float32 numbers add up to, so a sum
 * is finite where all that was added is: one look at it spares a look at each.
 *
 * @throws UnusableContribution of the first that is not finite.
 */
async function requireFiniteSum(
  source: FoldSource,
  layout: Layout,
  mean: Mean,
  added: readonly { readonly shard: number; readonly contribution: Member['contribution'] }[],
): Promise<void> {
  if (mean.isFinite) return;
  for (const { shard, contribution } of added) {
    if (contribution !== null) await requireFinite(source, layout, shard, contribution);
  }
  throw new Error(`${source.run}: expected a finite average of finite contributions, received another`);
}

/** w̄ over all members, added in their order: the same bytes whatever came when. Reads N parameter sets. */
async function fullAverage(source: FoldSource, request: FoldRequest, layout: Layout): Promise<Average> {
  const { members } = request;
  const buffer = source.memory.takeBuffer(layout.length);
  const sum = new WeightedSum(buffer);
  const read = ({ shard, contribution }: Member) => readOf(source, request, layout, shard, contribution);
  let terms: Term[] = [];
  let contributions: ParameterVector[] = [];
  const addTerms = (): void => {
    sum.addAll(terms);
    for (const { values } of contributions) freeMemory(values);
    [terms, contributions] = [[], []];
  };
  const reads = inOrder(members, READ_AHEAD - TERMS_IN_ONE_PASS, read);
  for await (const [{ samples, contribution }, vector] of reads) {
    terms.push({ values: vector.values, weight: samples });
    if (contribution !== null) contributions.push(vector);
    if (terms.length === TERMS_IN_ONE_PASS) addTerms();
  }
  addTerms();
  const mean = sum.mean();
  await requireFiniteSum(source, layout, mean, members);
  return { mean: mean.values, change: null, buffer };
}

/** w̄ + Σ n_i (w_i,new − w_i,old) / Σ n_i, in float64. Reads 2 A + 2 parameter sets, z among them. */
async function partialAverage(
  source: FoldSource,
  request: FoldRequest,
  { changes, totalSamples, remainderDigest }: PartialUpdate,
  { layout, values }: ParameterVector,
  config: RunConfig,
): Promise<Average> {
  const { current } = request;
  const remainder = await readRemainder(source, current, remainderDigest);
  const terms = { consensus: values, layout, penalty: current.penalty, weightDecay: weightDecays(config) };
  const mean = meanOf(remainder.values, terms);
  const buffer = source.memory.takeBuffer(layout.length);
  const sum = new WeightedSum(buffer);
  const read = ({ shard, before, after }: Change) =>
    Promise.all([
      readOf(source, request, layout, shard, before),
      readContribution(source, layout, shard, after),
    ]);
  for await (const [{ samples, before: replaced }, [before, after]] of inOrder(
    changes,
    READ_AHEAD / 2,
    read,
  )) {
    sum.exchange(before.values, after.values, samples);
    freeMemory(after.values);
    if (replaced !== null) freeMemory(before.values);
  }
  const change = sum.mean(totalSamples);
  const added = changes.map(({ shard, after }) => ({ shard, contribution: after }));
  await requireFiniteSum(source, layout, change, added);
  const arrivedSamples = changes.reduce((total, { samples }) => total + samples, 0);
  const { values: changed } = change;
  for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + (changed[i] as number);
  return {
    mean,
    change: { values: changed, share: arrivedSamples / totalSamples },
    buffer,
  };
}

/**
 * The average that a fold asks for. Where a partial update lacks what it goes on from, the average is formed anew.
 *
 * @param z of the version before.
 * @throws UnusableContribution where a member's contribution cannot be used.
 */
export async function averageOf(
  source: FoldSource,
  request: FoldRequest,
  z: ParameterVector,
  config: RunConfig,
): Promise<Average> {
  if (request.partial === null) return fullAverage(source, request, z.layout);
  try {
    return await partialAverage(source, request, request.partial, z, config);
  } catch (error) {
    const lacking = error instanceof UnusableContribution || error instanceof IntegrityError;
    if (!lacking) throw error;
    return fullAverage(source, request, z.layout);
  }
}
