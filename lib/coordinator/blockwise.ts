/**
 * A fold in blocks, as `advance` sees it: its plan lies in the store, one job a block is out, and the version is formed
 * once all of them have come back. While it is out, nothing new is begun from a version that it is about to supersede.
 */
import type { Folded, FormedBlock, Unfolded } from '../protocol/messages.ts';
import type { BlockwiseFold, RunState, ShardState, VersionEntry } from '../protocol/state.ts';
import type { Draft } from './advance.ts';
import type { Planned } from './events.ts';
import { takeInUnreadable } from './solutions.ts';
import { versionEntry } from './versions.ts';
import { weighted } from './weighted.ts';

/** A fold whose blocks are all formed: what is left is to name them as one version. */
export interface AssemblyRequest extends Pick<BlockwiseFold, 'kind' | 'version' | 'commitId'> {
  readonly blocks: readonly FormedBlock[];
  /** A version with the same tensors. */
  readonly current: VersionEntry;
  /** Σ n_i/n ‖θ_i − z̃‖² over what arrived. */
  readonly meanStepSquaredNorm: number;
}

/** Shards whose arrivals the fold takes in: those of its plan, or all that have arrived. */
export const foldedShards = ({ fold, shards }: RunState): ShardState[] =>
  shards.filter(({ arrival }, index) => arrival !== null && (fold?.shards.includes(index) ?? true));

/** The plan lies in the store: its jobs are in this revision's outbox. */
export function takeInPlanned({ config, state, clock }: Draft, planned: Planned): void {
  const { kind: _, of: kind, ...plan } = planned;
  const blocks = Array.from({ length: config.consensus.blocks }, () => ({
    attempt: 0,
    dispatchedAtMs: clock.nowMs,
    dispatchedRevision: clock.revision,
    formed: null,
  }));
  const shards = kind === 'closing' ? [] : state.shards.flatMap(({ arrival }, i) => (arrival ? [i] : []));
  state.fold = { kind, ...plan, shards, blocks };
}

/** The block that a message is about; null where it is formed already, or its fold is no longer wanted. */
function awaitedBlock({ state }: Draft, { commitId, block }: Folded | Unfolded) {
  const awaited = state.fold?.commitId === commitId ? state.fold.blocks[block] : undefined;
  return awaited?.formed === null ? awaited : null;
}

/** A block is formed: counted once, whatever is delivered how often. */
export function takeInFolded(draft: Draft, folded: Folded): void {
  const block = awaitedBlock(draft, folded);
  if (block === null) draft.state.counters.duplicates += 1;
  else block.formed = folded.formed;
}

/** A block cannot be formed: the fold is given up, and planned anew once the contribution has come again. */
export function takeInUnfolded(draft: Draft, unfolded: Unfolded): void {
  if (awaitedBlock(draft, unfolded) === null) {
    draft.state.counters.late += 1;
    return;
  }
  draft.state.fold = null;
  takeInUnreadable(draft, { kind: 'unreadable', ...unfolded.contribution });
}

/** The fold that only has to be put together, or null. */
export function assemblyRequest({ state }: Draft): AssemblyRequest | null {
  const { fold } = state;
  const blocks = fold?.blocks.flatMap(({ formed }) => formed ?? []) ?? [];
  if (fold === null || blocks.length < fold.blocks.length) return null;
  const { kind, version, commitId } = fold;
  const arrivals = foldedShards(state).flatMap(({ arrival }) => arrival ?? []);
  return {
    ...{ kind, version, commitId, blocks },
    current: versionEntry(state, state.version),
    meanStepSquaredNorm: weighted(arrivals, ({ figures }) => figures.stepSquaredNorm),
  };
}

/** Blocks that are asked for and not formed. */
export const awaitedBlocks = ({ fold }: RunState) =>
  fold?.blocks.filter(({ formed }) => formed === null) ?? [];

/** Asks again for the blocks that have not come and are due for it; gives how many that are. */
export function askAgain(
  { state, clock }: Draft,
  isDue: (block: BlockwiseFold['blocks'][number]) => boolean,
): number {
  const due = awaitedBlocks(state).filter(isDue);
  for (const block of due) {
    block.attempt += 1;
    block.dispatchedAtMs = clock.nowMs;
    block.dispatchedRevision = clock.revision;
  }
  return due.length;
}
