/**
 * The closing average: when no more rounds come, the mean of z over the last evaluated versions is one more candidate
 * for the model (Polyak and Juditsky, SIAM J. Control Optim. 30, 1992). It takes the number after the newest version, is
 * measured like every other, and wins by its validation loss alone.
 */
import type { ClosingRequest } from '../protocol/foldPlan.ts';
import type { Draft } from './advance.ts';
import type { Averaged } from './events.ts';
import { newTask } from './tasks.ts';
import { versionEntry } from './versions.ts';

/** Versions that the closing average is made of, as of now: the newest one and the last ones evaluated before it. */
export function averagedVersions({ config, state }: Draft): number[] {
  const { everyRounds } = config.evaluation;
  const count = config.consensus.averagedVersions;
  const lastEvaluated = state.version - (state.version % everyRounds);
  const evaluated = Array.from({ length: count }, (_, i) => lastEvaluated - i * everyRounds);
  const versions = [...new Set([state.version, ...evaluated])].filter((version) => version > 0);
  return versions.slice(0, count).filter((version) => state.versions[version] !== undefined);
}

/** Whether the average is still to be formed before a model may be chosen. */
export const awaitsAverage = (draft: Draft): boolean =>
  draft.state.closing === null && averagedVersions(draft).length > 1;

/** The average that is due now, or null. */
export function closingRequest(draft: Draft): ClosingRequest | null {
  const { state } = draft;
  if (state.status !== 'finishing' || state.model !== null || state.fold !== null) return null;
  if (!awaitsAverage(draft)) return null;
  const entries = averagedVersions(draft).map((version) => versionEntry(state, version));
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
