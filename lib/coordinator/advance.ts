/**
 * The protocol of the coordinator as one pure function: (config, state, events, clock) → state and what is to be folded.
 * It never fails and does no I/O; `commit` makes what it says durable. Coordinator and watchdog share it.
 */
import type { RunConfig } from '../protocol/config.ts';
import type { ClosingRequest, FoldRequest } from '../protocol/foldPlan.ts';
import type { RunState } from '../protocol/state.ts';
import {
  type AssemblyRequest,
  assemblyRequest,
  takeInFolded,
  takeInPlanned,
  takeInUnfolded,
} from './blockwise.ts';
import { closingRequest, takeInAveraged } from './closing.ts';
import { takeInControl } from './controls.ts';
import { settle } from './dispatch.ts';
import { takeInEvaluation } from './evaluations.ts';
import type { CoordinatorEvent } from './events.ts';
import { foldRequest, takeInFormed } from './folds.ts';
import { enforceLimits } from './limits.ts';
import { takeInRefusal, takeInSolution, takeInUnreadable } from './solutions.ts';
import { stopWaiting, takeInTick } from './watchdog.ts';

/** What `advance` may know of the world: the time, and the revision that its state will be stored as. */
export interface Clock {
  readonly nowMs: number;
  readonly revision: number;
}

/** State, config and clock while events are taken in; `state` is a copy that the steps may change. */
export interface Draft {
  readonly config: RunConfig;
  readonly state: RunState;
  readonly clock: Clock;
}

export interface Advanced {
  readonly state: RunState;
  /** The consensus update that is due; its outcome, or that it is planned, is given to `advance` as the next event. */
  readonly fold: FoldRequest | null;
  /** The closing average that is due, likewise. */
  readonly average: ClosingRequest | null;
  /** What only has to be put together from its blocks, likewise. */
  readonly assembly: AssemblyRequest | null;
}

/** The state that the next revision begins as: what belonged to the last revision alone is cleared. */
function openDraft(config: RunConfig, state: RunState, clock: Clock): Draft {
  const copy = structuredClone(state);
  if (copy.revision !== clock.revision) {
    copy.revision = clock.revision;
    copy.takenIn = [];
    copy.unsavedHistory = [];
  }
  copy.updatedAtMs = clock.nowMs;
  return { config, state: copy, clock };
}

function takeIn(draft: Draft, event: CoordinatorEvent): void {
  if ('nonce' in event) draft.state.takenIn.push(event.nonce);
  if ('worker' in event) {
    // Whatever the answer, and whether it counts or not: the time was spent.
    const { fetch, solve, upload } = event.seconds;
    draft.state.counters.workerSeconds += fetch + solve + upload;
    draft.state.counters.answers += 1;
    stopWaiting(draft.state);
  }
  switch (event.kind) {
    case 'solve':
      takeInSolution(draft, event);
      break;
    case 'evaluate':
    case 'test':
      takeInEvaluation(draft, event);
      break;
    case 'refusal':
      takeInRefusal(draft, event);
      break;
    case 'control':
      takeInControl(draft, event);
      break;
    case 'formed':
      takeInFormed(draft, event);
      break;
    case 'averaged':
      takeInAveraged(draft, event);
      break;
    case 'planned':
      takeInPlanned(draft, event);
      break;
    case 'folded':
      takeInFolded(draft, event);
      break;
    case 'unfolded':
      takeInUnfolded(draft, event);
      break;
    case 'unreadable':
      takeInUnreadable(draft, event);
      break;
    case 'tick':
      takeInTick(draft, event);
  }
}

/**
 * Takes in events in their order and decides what is to be done.
 *
 * @param state as stored; it is not changed.
 * @param clock.revision one more than the stored revision; the same for the events that follow a fold.
 */
export function advance(
  config: RunConfig,
  state: RunState,
  events: readonly CoordinatorEvent[],
  clock: Clock,
): Advanced {
  const draft = openDraft(config, state, clock);
  for (const event of events) takeIn(draft, event);
  enforceLimits(draft);
  const assembly = assemblyRequest(draft);
  if (assembly !== null) return { state: draft.state, fold: null, average: null, assembly };
  // First of all, whoever a new version has set free gets to work, or the run ends with it: what arrived while it was
  // formed may make the next one due at once.
  settle(draft);
  return { state: draft.state, fold: foldRequest(draft), average: closingRequest(draft), assembly };
}
