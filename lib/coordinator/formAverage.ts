/** Carries out a closing average: reads the versions it is made of, and stores their mean under the commit's name. */
import { sha256Hex } from '../codec/digest.ts';
import { WeightedSum } from '../consensus/average.ts';
import { runKeys } from '../protocol/keys.ts';
import type { ClosingRequest } from './closing.ts';
import { type FoldSource, readVersion } from './contributions.ts';
import type { Averaged } from './events.ts';
import { encodeParameters, requireSameLayout } from './parameterVector.ts';

/**
 * Forms the mean of z over the versions of a request, each with the same weight.
 *
 * @throws IntegrityError where a version in the store is not what the state says.
 */
export async function formAverage(
  source: FoldSource & { readonly commitId: string },
  { version, entries }: ClosingRequest,
): Promise<Averaged> {
  const { store, run, commitId } = source;
  const [first, ...rest] = await Promise.all(entries.map((entry) => readVersion(source, entry, 'z')));
  if (first === undefined) throw new Error(`closing average of ${run}: expected versions, received none`);
  const sum = new WeightedSum(first.layout.length);
  for (const { layout, values } of [first, ...rest]) {
    requireSameLayout(first.layout, layout, `closing average of ${run}`);
    sum.add(values, 1);
  }
  const bytes = encodeParameters({ layout: first.layout, values: sum.average() });
  await store.create(runKeys(run).consensus(version, commitId), bytes);
  const stored = { version, commitId, digest: sha256Hex(bytes), broadcastDigest: null };
  return { kind: 'averaged', stored };
}
