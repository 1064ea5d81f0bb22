import { costUsd, roundLimit, wallSeconds } from '../coordinator/limits.ts';
import type { RunConfig } from '../protocol/config.ts';
import { isEnded, type RunState } from '../protocol/state.ts';

/** What a run has taken, and what it will have taken after its last round if it goes on as it did. */
export interface Forecast {
  /** Most rounds that it may make. */
  readonly rounds: number;
  /** At the prices of its config. */
  readonly usd: number;
  /** null before the first round. */
  readonly projectedUsd: number | null;
  /** Since submission, without pauses; until the newest change of its state. */
  readonly seconds: number;
  readonly projectedSeconds: number | null;
}

/** Cost and time so far, and at this pace when all rounds are done: those of a run that has ended stay as they are. */
export function forecast({
  config,
  state,
}: {
  readonly config: RunConfig;
  readonly state: RunState;
}): Forecast {
  const { version, status, updatedAtMs } = state;
  const rounds = roundLimit({ config, state });
  const usd = costUsd(config, state);
  const seconds = wallSeconds(state, updatedAtMs);
  const growth = isEnded(status) ? 1 : Math.max(rounds, version) / version;
  const projected = (value: number): number | null => (version === 0 ? null : value * growth);
  return {
    rounds,
    usd,
    projectedUsd: projected(usd),
    seconds,
    projectedSeconds: projected(seconds),
  };
}
