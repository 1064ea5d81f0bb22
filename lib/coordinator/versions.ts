import type { GroupPenalties } from '../protocol/figures.ts';
import type { RunState, VersionEntry } from '../protocol/state.ts';

/** The entry of a version that the state refers to; its absence is a defect of this room. */
export function versionEntry(state: RunState, version: number): VersionEntry {
  const entry = state.versions[version];
  if (entry === undefined) throw new Error(`version ${version} of ${state.run} is referred to but not kept`);
  return entry;
}

/**
 * Changes σ of the subproblems that are solved from the newest version on. What is out keeps the σ of its version, so
 * that a task that is sent again is the same task.
 */
export function changePenalty(state: RunState, penalty: GroupPenalties): void {
  state.penalty = penalty;
  versionEntry(state, state.version).nextPenalty = penalty;
}

/** Makes the next update form the average anew: what it would go on from is no longer the sum of the members. */
export function dropRemainder(state: RunState): void {
  versionEntry(state, state.version).remainderDigest = null;
}

/** Versions that something in the state still refers to. */
function referredTo(state: RunState): Set<number> {
  const kept = new Set([state.version, state.version - 1]);
  for (const { contribution, task, answered, absence } of state.shards) {
    if (absence === null) kept.add(contribution?.anchor ?? 0);
    for (const { version } of [task, answered].filter((each) => each !== null)) kept.add(version);
  }
  for (const { version } of [...state.evaluations.outstanding, ...state.evaluations.lowest])
    kept.add(version);
  for (const measured of [state.evaluations.best, state.model]) if (measured) kept.add(measured.version);
  return kept;
}

/**
 * Drops the entries that nothing refers to any more, so that the state does not grow with the rounds.
 *
 * @param newest how many of the newest versions stay although nothing refers to them.
 */
export function pruneVersions(state: RunState, newest: number): void {
  const kept = referredTo(state);
  for (const version of Object.keys(state.versions).map(Number)) {
    if (!kept.has(version) && version <= state.version - newest) delete state.versions[version];
  }
}
