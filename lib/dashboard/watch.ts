import { setTimeout as delay } from 'node:timers/promises';
import { PadmmError } from '../errors.ts';
import type { OpenRuns, RunSource } from './source.ts';

/** What one look found, or why it found nothing; the next may. */
export type Sight<T> =
  | { readonly kind: 'seen'; readonly live: boolean; readonly value: T | null }
  | { readonly kind: 'trouble'; readonly message: string };

/** A look, and whether the next is to follow at once because this one has not seen all. */
export interface Looked<T> {
  readonly value: T;
  readonly goesOn: boolean;
}

/** Where nobody works on the runs, other commands may still delete one, or fork it. */
const IDLE_LOOK_MS = 15_000;

/** What went wrong in one line; what is not this program's own says its kind, too. */
const messageOf = (error: unknown): string => (error instanceof PadmmError ? error.message : String(error));

/**
 * Looks again and again until the signal is aborted: often while somebody works on the runs, seldom otherwise. A look
 * that fails is told, not thrown: a session ends, an endpoint is away for a while, a run is deleted.
 */
export async function* watch<T>(
  source: RunSource,
  work: (runs: OpenRuns) => Promise<Looked<T>>,
  signal: AbortSignal,
): AsyncGenerator<Sight<T>> {
  let wasLive = true;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    let goesOn = false;
    let live = false;
    try {
      live = await source.isLive();
      // Once more after the last session has ended: it may have changed something since.
      if (live || wasLive || performance.now() - lookedAtMs >= IDLE_LOOK_MS) {
        const looked = await source.look(work);
        lookedAtMs = performance.now();
        goesOn = looked?.goesOn ?? false;
        yield { kind: 'seen', live, value: looked?.value ?? null };
      }
      wasLive = live || goesOn;
    } catch (error) {
      wasLive = true;
      yield { kind: 'trouble', message: messageOf(error) };
    }
    // A directory that nobody trains in is held while it is looked at: a session that starts gets its turn in between.
    await delay(live && goesOn ? 0 : source.pollMs, undefined, { signal }).catch(() => {});
  }
}
