/** `advance` with folds carried out on names alone: the digest of a version, whole or in blocks, says what was added in which order. */
import { sha256Hex } from '../../lib/codec/digest.ts';
import type { Advanced, advance } from '../../lib/coordinator/advance.ts';
import type { CoordinatorEvent } from '../../lib/coordinator/events.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import type { FoldRequest } from '../../lib/protocol/foldPlan.ts';
import { newNonce } from '../../lib/protocol/ids.ts';
import type { Folded, FoldJob } from '../../lib/protocol/messages.ts';
import type { RunState } from '../../lib/protocol/state.ts';

export type Advance = typeof advance;

const COMMIT_ID = '0'.repeat(26);

const namesOf = ({ members, current }: FoldRequest): string =>
  sha256Hex(JSON.stringify([members.map((m) => m.contribution?.digest), current.digest]));

/** A version whose digest is that of its members, as if their bytes had been added. */
const formed = (version: number, commitId: string, digest: string): CoordinatorEvent => ({
  kind: 'formed',
  stored: { version, commitId, digest, broadcastDigest: null },
  remainderDigest: null,
  residuals: { primal: 2, dual: 1 },
});

/** The plan of a fold in blocks; the revision that writes it is its commit. */
const planned = (request: FoldRequest, revision: number): CoordinatorEvent => ({
  ...{ kind: 'planned', of: 'round', version: request.version },
  ...{ commitId: String(revision).padStart(COMMIT_ID.length, '0'), digest: namesOf(request) },
});

/** What a folder answers: a block whose digest is that of its plan. */
export function foldedOf({ schema, run, version, commitId, block, digest }: FoldJob): Folded {
  const names = { broadcastDigest: null, remainderDigest: null, length: 1, sums: [] };
  return {
    ...{ schema, kind: 'folded', run, version, commitId, block, nonce: newNonce() },
    formed: { digest: sha256Hex(`${digest} ${block}`), ...names },
  };
}

function carriedOut(
  config: RunConfig,
  { fold, assembly }: Advanced,
  revision: number,
): CoordinatorEvent | null {
  if (assembly !== null) {
    const digest = sha256Hex(assembly.blocks.map((block) => block.digest).join(' '));
    return formed(assembly.version, assembly.commitId, digest);
  }
  if (fold === null) return null;
  if (config.consensus.blocks > 1) return planned(fold, revision);
  return formed(fold.version, COMMIT_ID, namesOf(fold));
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
  for (let event = carriedOut(config, next, clock.revision); event !== null; ) {
    next = advanceOf(config, next.state, [event], clock);
    event = carriedOut(config, next, clock.revision);
  }
  return next.state;
}
