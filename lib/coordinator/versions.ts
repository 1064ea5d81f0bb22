import type { RunState, VersionEntry } from '../protocol/state.ts';

/** The entry of a version that the state refers to; its absence is a defect of this room. */
export function versionEntry(state: RunState, version: number): VersionEntry {
  const entry = state.versions[version];
  if (entry === undefined) throw new Error(`version ${version} of ${state.run} is referred to but not kept`);
  return entry;
}

/** Versions that something in the state still refers to. */
function referredTo(state: RunState): Set<number> {
  const kept = new Set([state.version, state.version - 1]);
  for (const { contribution, task } of state.shards) {
    kept.add(contribution?.anchor ?? 0);
    if (task) kept.add(task.version);
  }
  for (const task of state.evaluations.outstanding) kept.add(task.version);
  for (const measured of [state.evaluations.best, state.model]) if (measured) kept.add(measured.version);
  return kept;
}

/** Drops the entries that nothing refers to any more, so that the state does not grow with the rounds. */
export function pruneVersions(state: RunState): void {
  const kept = referredTo(state);
  for (const version of Object.keys(state.versions)) {
    if (!kept.has(Number(version))) delete state.versions[version];
  }
}
