import type { Control } from '../protocol/messages.ts';
import { isEnded } from '../protocol/state.ts';
import type { Draft } from './advance.ts';
import { finish, STOPPED_ON_REQUEST } from './endings.ts';

/** Marks every outstanding task as dispatched by this revision, so that its commit sends it again. */
function dispatchAgain({ state, clock }: Draft): void {
  const tasks = [...state.shards.map((shard) => shard.task), ...state.evaluations.outstanding];
  for (const task of tasks) {
    if (task === null) continue;
    task.dispatchedAtMs = clock.nowMs;
    task.dispatchedRevision = clock.revision;
  }
}

/** What a person asked for. Asked of a run in a state where it means nothing, it changes nothing. */
export function takeInControl(draft: Draft, control: Control): void {
  const { state } = draft;
  if (isEnded(state.status)) return;
  if (control.action === 'stop' && state.status !== 'finishing') finish(draft, STOPPED_ON_REQUEST);
  if (control.action === 'pause' && state.status === 'running') {
    state.status = 'paused';
    state.reason = 'paused on request';
  }
  if (control.action === 'resume') {
    if (state.status === 'paused') {
      state.status = 'running';
      state.reason = '';
    }
    dispatchAgain(draft);
  }
}
