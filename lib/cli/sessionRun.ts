/** A run that others train, another process on this machine or a deployment, or nobody: followed and controlled. */
import { setTimeout as delay } from 'node:timers/promises';
import { controlRun } from '../client/control.ts';
import { followRun } from '../client/follow.ts';
import { PadmmError, UsageError } from '../errors.ts';
import { readRunHead } from '../observe/runView.ts';
import type { Control } from '../protocol/messages.ts';
import { isEnded, type RunState } from '../protocol/state.ts';
import { nobodyTrains, type Place, type PlaceOptions, pollMs, withRuns } from './place.ts';
import { findRun } from './runArgument.ts';

/** A session that ends takes its S3 with it a moment before it frees its directory. */
const REOPEN_MS = 500;
const MAX_REOPENS = 20;

export interface Following {
  readonly place: PlaceOptions;
  readonly run: string;
  /** Takes every state that is seen; following ends when it answers true, or with the run. */
  readonly look: (state: RunState) => boolean;
  readonly signal: AbortSignal;
}

async function followThrough(
  { connection: { store }, live, name }: Place,
  { place, run, look, signal }: Following,
): Promise<RunState> {
  let { state } = await readRunHead(store, run);
  if (look(state) || isEnded(state.status)) return state;
  if (!live) throw nobodyTrains(name, state);
  for await (state of followRun(store, run, { intervalMs: pollMs(place), signal })) if (look(state)) break;
  return state;
}

/**
 * Does `work` in a place, and again where the session that it went through ended meanwhile: what that left behind is read then.
 *
 * @param work changes nothing.
 * @throws as `work` does, and EnvironmentError where the place cannot be reached.
 */
export async function readThroughSession<T>(
  place: PlaceOptions,
  work: (open: Place) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let reopens = 0; ; reopens += 1) {
    try {
      return await withRuns(place, work);
    } catch (error) {
      if (error instanceof PadmmError || signal?.aborted || reopens === MAX_REOPENS) throw error;
      await delay(REOPEN_MS, undefined, signal ? { signal } : {});
    }
  }
}

/**
 * Follows a run through its deployment, or the session that has its directory open. Where that session ends meanwhile,
 * what it left behind tells how the run stands.
 *
 * @returns the last state that was looked at.
 * @throws EnvironmentError where the run has not ended and nobody trains it.
 */
export const followSession = (following: Following): Promise<RunState> =>
  readThroughSession(following.place, (open) => followThrough(open, following), following.signal);

/** A run that ended cannot be asked anything any more. @throws UsageError where it has. */
export function refuseEnded({ run, status, version }: RunState): void {
  if (!isEnded(status)) return;
  throw new UsageError(
    `run ${run}: expected one that has not ended, received one that is ${status} after ${version} rounds`,
  );
}

/**
 * Sends a message to whoever trains a run.
 *
 * @param word what names the run.
 * @returns the run's id.
 * @throws UsageError where the run is unknown or has ended, EnvironmentError where no session is training.
 */
export function askSession(
  place: PlaceOptions,
  word: string,
  action: Exclude<Control['action'], 'setBudget'>,
): Promise<string> {
  return askOfRun(place, word, (run, { results }) => controlRun(results, run, action));
}

/** As {@link askSession}, with what `ask` sends. */
export function askOfRun(
  place: PlaceOptions,
  word: string,
  ask: (run: string, connection: Place['connection']) => Promise<void>,
): Promise<string> {
  return withRuns(place, async ({ connection, live, name }) => {
    const { store } = connection;
    const run = await findRun(store, word);
    const { state } = await readRunHead(store, run);
    refuseEnded(state);
    if (!live) throw nobodyTrains(name, state);
    await ask(run, connection);
    return run;
  });
}
