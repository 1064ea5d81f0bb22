/** A run that another process on this machine trains, or nobody does: followed and controlled through its directory. */
import { setTimeout as delay } from 'node:timers/promises';
import { controlRun } from '../client/control.ts';
import { followRun } from '../client/follow.ts';
import type { LocalStore } from '../emulator/localStore.ts';
import { EnvironmentError, PadmmError, UsageError } from '../errors.ts';
import { readRunHead } from '../observe/runView.ts';
import { isEnded, type RunState } from '../protocol/state.ts';
import { howToGoOn, LOCAL_POLL_MS, withRuns } from './localRuns.ts';
import { findRun } from './runArgument.ts';

/** A session that ends takes its S3 with it a moment before it frees its directory. */
const REOPEN_MS = 500;
const MAX_REOPENS = 20;

export interface Following {
  readonly directory: string;
  readonly run: string;
  /** Takes every state that is seen; following ends when it answers true, or with the run. */
  readonly look: (state: RunState) => boolean;
  readonly signal: AbortSignal;
}

/** Nobody works on a run. */
export const nobodyTrains = (directory: string, { run, status, version }: RunState): EnvironmentError =>
  new EnvironmentError(
    `run ${run} is ${status} at round ${version}, but no session is training in ${directory}; ${howToGoOn(run, directory)}`,
  );

async function followThrough(
  { connection: { store }, live }: LocalStore,
  { directory, run, look, signal }: Following,
): Promise<RunState> {
  let { state } = await readRunHead(store, run);
  if (look(state) || isEnded(state.status)) return state;
  if (!live) throw nobodyTrains(directory, state);
  for await (state of followRun(store, run, { intervalMs: LOCAL_POLL_MS, signal })) if (look(state)) break;
  return state;
}

/**
 * Follows a run through the session that has its directory open. Where that session ends meanwhile, what it left
 * behind tells how the run stands.
 *
 * @returns the last state that was looked at.
 * @throws EnvironmentError where the run has not ended and nobody trains it.
 */
export async function followSession(following: Following): Promise<RunState> {
  for (let reopens = 0; ; reopens += 1) {
    try {
      return await withRuns(following.directory, (local) => followThrough(local, following));
    } catch (error) {
      if (error instanceof PadmmError || following.signal.aborted || reopens === MAX_REOPENS) throw error;
      await delay(REOPEN_MS, undefined, { signal: following.signal });
    }
  }
}

/** A run that ended cannot be asked anything any more. @throws UsageError where it has. */
export function refuseEnded({ run, status, version }: RunState): void {
  if (!isEnded(status)) return;
  throw new UsageError(
    `run ${run}: expected one that has not ended, received one that is ${status} after ${version} rounds`,
  );
}

/**
 * Sends a message to the session that trains a run.
 *
 * @param word what names the run.
 * @returns the run's id.
 * @throws UsageError where the run is unknown or has ended, EnvironmentError where no session is training.
 */
export function askSession(directory: string, word: string, action: 'pause' | 'stop'): Promise<string> {
  return withRuns(directory, async ({ connection: { store, results }, live }) => {
    const run = await findRun(store, word);
    const { state } = await readRunHead(store, run);
    refuseEnded(state);
    if (!live) throw nobodyTrains(directory, state);
    await controlRun(results, run, action);
    return run;
  });
}
