import type { RunConfig } from './config.ts';

/** What a run has used of what costs money. */
export interface Usage {
  readonly workerSeconds: number;
  /** Answers of every kind that came in. */
  readonly answers: number;
}

/** What usage costs at the prices of a run's config: worker seconds and requests, in USD. */
export function usageUsd({ workerHourUsd, taskUsd }: RunConfig['prices'], usage: Usage): number {
  return (usage.workerSeconds / 3600) * workerHourUsd + usage.answers * taskUsd;
}
