import type { Budget } from '../protocol/budget.ts';
import type { Control } from '../protocol/messages.ts';
import { isEnded } from '../protocol/state.ts';
import type { Draft } from './advance.ts';
import { askAgain } from './blockwise.ts';
import { finish, STOPPED_ON_REQUEST } from './endings.ts';
import { dispatch, outstandingTasks } from './tasks.ts';

/** Nothing more is dispatched; what comes in is kept. */
export function pause({ state, clock }: Draft, reason: string): void {
  state.status = 'paused';
  state.reason = reason;
  state.pausedAtMs = clock.nowMs;
}

/** A paused run goes on; of a running one, everything that is outstanding is sent again. */
function resume(draft: Draft): void {
  const { state, clock } = draft;
  if (state.status === 'paused') {
    state.status = 'running';
    state.reason = '';
    state.pausedMs += clock.nowMs - (state.pausedAtMs ?? clock.nowMs);
    state.pausedAtMs = null;
  }
  for (const task of outstandingTasks(state)) dispatch(draft, task);
  askAgain(draft, () => true);
}

/** Forgets failures: what is outstanding is sent again, and shards that were given up rejoin with y_i = 0. */
function redrive(draft: Draft): void {
  const { state } = draft;
  for (const { absence } of state.shards) if (absence !== null) absence.rejoining = true;
  for (const task of outstandingTasks(state)) {
    task.failures = 0;
    dispatch(draft, task);
  }
  askAgain(draft, () => true);
}

function setBudget(
  { state }: Draft,
  changes: { readonly [Limit in keyof Budget]?: Budget[Limit] | undefined },
) {
  const { maxRounds, maxWallSeconds, maxWorkerSeconds, maxCostUsd } = changes;
  if (maxRounds !== undefined) state.budget.maxRounds = maxRounds;
  if (maxWallSeconds !== undefined) state.budget.maxWallSeconds = maxWallSeconds;
  if (maxWorkerSeconds !== undefined) state.budget.maxWorkerSeconds = maxWorkerSeconds;
  if (maxCostUsd !== undefined) state.budget.maxCostUsd = maxCostUsd;
}

/** What a person asked for. Asked of a run in a state where it means nothing, it changes nothing. */
export function takeInControl(draft: Draft, control: Control): void {
  const { state } = draft;
  if (isEnded(state.status)) return;
  switch (control.action) {
    case 'stop':
      if (state.status !== 'finishing') finish(draft, STOPPED_ON_REQUEST);
      break;
    case 'pause':
      if (state.status === 'running') pause(draft, 'paused on request');
      break;
    case 'resume':
      resume(draft);
      break;
    case 'redrive':
      redrive(draft);
      break;
    case 'setBudget':
      setBudget(draft, control.budget);
  }
}
