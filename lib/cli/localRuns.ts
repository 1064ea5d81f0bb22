/** The runs of a local directory, for commands that look at them or ask something of them. */

import { holdsObjects } from '../emulator/localDirectory.ts';
import type { LocalStore } from '../emulator/localStore.ts';
import { UsageError } from '../errors.ts';

/** Time between two looks at the state of a run on this machine. */
export const LOCAL_POLL_MS = 100;

/** What is said of a directory without runs. */
export const noRuns = (directory: string): string =>
  `${directory}: no runs yet; start one with: padmm train CONFIG --local --dir ${directory}`;

/** What a person does to go on with a run that nobody works on. */
export const howToGoOn = (run: string, directory: string): string =>
  `go on with: padmm resume ${run} --local --dir ${directory}`;

/**
 * Opens a directory's runs, does `work` with them, and closes them whatever comes. Makes nothing on disk where there
 * are none.
 *
 * @param directory as `--dir` names it.
 * @returns what `work` returns, or null where no run was ever in the directory.
 * @throws EnvironmentError where the directory cannot be read.
 */
export async function lookAtRuns<T>(
  directory: string,
  work: (local: LocalStore) => Promise<T>,
): Promise<T | null> {
  if (!(await holdsObjects(directory))) return null;
  // The emulator takes a while to load: not for a directory that is not there.
  const { openLocalStore } = await import('../emulator/localStore.ts');
  const local = await openLocalStore({ directory });
  try {
    return await work(local);
  } finally {
    await local.close();
  }
}

/** As {@link lookAtRuns}. @throws UsageError where no run was ever in the directory. */
export async function withRuns<T>(directory: string, work: (local: LocalStore) => Promise<T>): Promise<T> {
  const outcome = await lookAtRuns(directory, async (local) => ({ value: await work(local) }));
  if (outcome === null) throw new UsageError(noRuns(directory));
  return outcome.value;
}
