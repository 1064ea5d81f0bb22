/**
 * The closing average: when no more rounds come, the mean of z over the versions with the lowest validation losses is
 * one more candidate for the model (Polyak and Juditsky, SIAM J. Control Optim. 30, 1992). They are the last ones where
 * the loss still falls, and those around its minimum where the network has begun to learn its data by heart. It takes
 * the number after the newest version, is measured like every other, and wins by its validation loss alone.
 */
import type { ClosingRequest } from '../protocol/foldPlan.ts';
import type { Draft } from './advance.ts';
import type { Averaged } from './events.ts';
import { newTask } from './tasks.ts';
import { versionEntry } from './versions.ts';

/** Whether the average is still to be formed before a model may be chosen. */
export const awaitsAverage = ({ state }: Draft): boolean =>
  state.closing === null && state.evaluations.lowest.length > 1;

/** The average that is due now, or null. */
export function closingRequest(draft: Draft): ClosingRequest | null {
  const { state } = draft;
  if (state.status !== 'finishing' || state.model !== null || state.fold !== null) return null;
  // Which losses are the lowest is known once every version has been measured.
  if (!awaitsAverage(draft) || state.evaluations.outstanding.length > 0) return null;
  const entries = state.evaluations.lowest.map(({ version }) => versionEntry(state, version));
  return { version: state.version + 1, entries };
}

/** The average lies in the store: it is measured. */
export function takeInAveraged(draft: Draft, { stored }: Averaged): void {
  const { state } = draft;
  const newest = versionEntry(state, state.version);
  const { penalty, nextPenalty } = newest;
  state.fold = null;
  state.closing = stored.version;
  state.versions[stored.version] = { ...stored, penalty, nextPenalty, remainderDigest: null };
  state.evaluations.outstanding.push({ ...newTask(draft, stored.version), kind: 'evaluate' });
}
