/** Carries out a closing average: reads the versions it is made of, and stores their mean under the commit's name. */
import { WeightedSum } from '../consensus/average.ts';
import { SumBuffer } from '../consensus/sumBuffer.ts';
import type { ClosingRequest } from '../protocol/foldPlan.ts';
import { runKeys } from '../protocol/keys.ts';
import { type FoldSource, readVersion, WHOLE } from './contributions.ts';
import type { Averaged } from './events.ts';
import { blankPart, type StoredPart, storePart } from './fold.ts';
import { requireSameLayout } from './parameterVector.ts';

/**
 * Forms the mean of z over the versions of a request, each with the same weight, and stores the source's part of it.
 *
 * @returns how the bytes stored are known, and the elements of the part.
 * @throws IntegrityError where a version in the store is not what the state says.
 */
export function formAveragePart(
  source: FoldSource & { readonly commitId: string },
  { version, entries }: ClosingRequest,
): Promise<StoredPart & { readonly length: number }> {
  const { run, commitId, memory } = source;
  return memory.use(async () => {
    const [first, ...rest] = await Promise.all(entries.map((entry) => readVersion(source, entry, 'z')));
    if (first === undefined) throw new Error(`closing average of ${run}: expected versions, received none`);
    const { layout } = first;
    const sum = new WeightedSum(new SumBuffer(layout.length));
    for (const other of [first, ...rest]) {
      requireSameLayout(layout, other.layout, `closing average of ${run}`);
      sum.add(other.values, 1);
    }
    const mean = blankPart(source, layout);
    mean.values.set(sum.mean().values);
    const stored = await storePart(source, runKeys(run).consensus(version, commitId), mean);
    return { ...stored, length: layout.length };
  });
}

/** Forms all of the mean. @throws as {@link formAveragePart}. */
export async function formAverage(
  source: Omit<FoldSource, 'part'> & { readonly commitId: string },
  request: ClosingRequest,
): Promise<Averaged> {
  const { length: _, ...named } = await formAveragePart({ ...source, part: WHOLE }, request);
  const { version } = request;
  const { commitId } = source;
  return { kind: 'averaged', stored: { version, commitId, broadcastDigest: null, ...named } };
}
