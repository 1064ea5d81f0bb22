/** What a run may use: rounds, time, workers' time and money. */
import type { RunConfig } from '../protocol/config.ts';
import { usageUsd } from '../protocol/cost.ts';
import type { RunState } from '../protocol/state.ts';
import type { Draft } from './advance.ts';
import { finish } from './endings.ts';

/** Consensus updates after which the run finishes. */
export const roundLimit = ({ config, state }: Pick<Draft, 'config' | 'state'>): number =>
  state.budget.maxRounds ?? config.stop.maxRounds;

/** Seconds since submission without those in which the run was paused. */
export function wallSeconds(state: RunState, nowMs: number): number {
  const until = state.pausedAtMs ?? nowMs;
  return Math.max(0, until - state.createdAtMs - state.pausedMs) / 1000;
}

/** What the run has cost: worker seconds and requests, at the prices of its config. */
export const costUsd = ({ prices }: RunConfig, { counters }: RunState): number => usageUsd(prices, counters);

/** Finishes a run that has used up one of its limits, with the best model so far. */
export function enforceLimits(draft: Draft): void {
  const { config, state, clock } = draft;
  if (state.status !== 'running') return;
  const { stop } = config;
  const { budget } = state;
  const used = [
    {
      what: 's of wall time',
      limit: budget.maxWallSeconds ?? stop.maxWallSeconds,
      is: wallSeconds(state, clock.nowMs),
    },
    {
      what: 's of worker time',
      limit: budget.maxWorkerSeconds ?? stop.maxWorkerSeconds,
      is: state.counters.workerSeconds,
    },
    { what: 'USD', limit: budget.maxCostUsd ?? stop.maxCostUsd, is: costUsd(config, state) },
  ];
  const exceeded = used.find(({ limit, is }) => limit !== null && is >= limit);
  if (exceeded) finish(draft, `limit of ${exceeded.limit} ${exceeded.what} reached`);
}
