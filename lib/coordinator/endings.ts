import type { Draft } from './advance.ts';

/** Why a run that a person stopped is finishing; it ends as 'stopped' instead of 'done'. */
export const STOPPED_ON_REQUEST = 'stopped on request';

const MAX_REASON_LENGTH = 1000;

/** Ends a run without a model. */
export function fail({ state }: Draft, reason: string): void {
  state.status = 'failed';
  state.reason = reason.slice(0, MAX_REASON_LENGTH);
  state.evaluations.outstanding = [];
  state.fold = null;
  for (const shard of state.shards) Object.assign(shard, { task: null, answered: null, arrival: null });
}

/** No more rounds: what is out is no longer waited for, and the model is chosen among what was evaluated. */
export function finish({ state }: Draft, reason: string): void {
  state.status = 'finishing';
  state.reason = reason;
  state.fold = null;
  for (const shard of state.shards) Object.assign(shard, { task: null, answered: null, arrival: null });
}
