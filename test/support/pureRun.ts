/** `advance` with folds carried out on names alone: the digest of a version says what was added in which order. */
import { sha256Hex } from '../../lib/codec/digest.ts';
import type { Advanced, advance } from '../../lib/coordinator/advance.ts';
import type { CoordinatorEvent } from '../../lib/coordinator/events.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import type { FoldRequest } from '../../lib/protocol/foldPlan.ts';
import type { RunState } from '../../lib/protocol/state.ts';

export type Advance = typeof advance;

const COMMIT_ID = '0'.repeat(26);

/** A version whose digest is that of its members, as if their bytes had been added. */
function formedOf({ version, members, current }: FoldRequest): CoordinatorEvent {
  const digest = sha256Hex(JSON.stringify([members.map((m) => m.contribution?.digest), current.digest]));
  return {
    kind: 'formed',
    stored: { version, commitId: COMMIT_ID, digest, broadcastDigest: null },
    remainderDigest: null,
    residuals: { primal: 2, dual: 1 },
  };
}

/** The next revision: events taken in, and every fold that is due. */
export function nextState(
  advanceOf: Advance,
  config: RunConfig,
  state: RunState,
  events: readonly CoordinatorEvent[],
  nowMs: number,
): RunState {
  const clock = { nowMs, revision: state.revision + 1 };
  let next: Advanced = advanceOf(config, state, events, clock);
  while (next.fold) next = advanceOf(config, next.state, [formedOf(next.fold)], clock);
  return next.state;
}
