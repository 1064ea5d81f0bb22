/** When the consensus variable is formed anew, from what, and what follows once it is. */

import type { GroupPenalties } from '../protocol/figures.ts';
import type { Arrival, RoundRecord } from '../protocol/history.ts';
import { PROTOCOL_VERSION } from '../protocol/messages.ts';
import type { VersionEntry } from '../protocol/state.ts';
import type { Draft } from './advance.ts';
import type { Formed } from './events.ts';
import { pruneVersions, versionEntry } from './versions.ts';

/** One term of the average: the object that holds w_i and its weight n_i. */
export interface Member {
  readonly shard: number;
  /** Names the contribution; null before a shard's first arrival, where w_i = z_0. */
  readonly contribution: { readonly version: number; readonly digest: string } | null;
  readonly samples: number;
}

/** A consensus update that is due: w̄ over `members` in this order, then z, z̃ and the residuals. */
export interface FoldRequest {
  readonly version: number;
  readonly members: readonly Member[];
  /** The version that the arrived contributions are measured against. */
  readonly current: VersionEntry;
  /** The version before it, for the velocity; null at the first update. */
  readonly previous: VersionEntry | null;
  /** z_0, where a shard has not arrived yet. */
  readonly initial: VersionEntry | null;
  readonly penalty: GroupPenalties;
  /** Σ n_i/n ‖θ_i − z̃‖² over what arrived. */
  readonly meanStepSquaredNorm: number;
}

const weighted = (arrivals: readonly Arrival[], value: (arrival: Arrival) => number): number => {
  const total = arrivals.reduce((sum, arrival) => sum + arrival.samples, 0);
  return arrivals.reduce((sum, arrival) => sum + (arrival.samples / total) * value(arrival), 0);
};

/** A: how many shards have to arrive before an update. */
function requiredArrivals({ config, state }: Draft): number {
  if (config.consensus.mode === 'sync') return state.shards.length;
  return Math.min(config.consensus.arrivals ?? 1, state.shards.length);
}

/**
 * Partial barrier and bounded delay (Zhang & Kwok, ICML 2014): an update is due once A shards have arrived, unless it
 * would let the answer to an outstanding task come in with a staleness above τ.
 */
function isDue(draft: Draft): boolean {
  const { config, state } = draft;
  if (state.status !== 'running') return false;
  const arrived = state.shards.filter((shard) => shard.arrival !== null).length;
  if (arrived < requiredArrivals(draft)) return false;
  const maxStaleness = config.consensus.maxStaleness ?? 2 * state.shards.length;
  return state.shards.every(
    (shard) => shard.task === null || state.version + 1 - shard.task.version <= maxStaleness,
  );
}

/** The consensus update that is due now, or null. */
export function foldRequest(draft: Draft): FoldRequest | null {
  if (!isDue(draft)) return null;
  const { state } = draft;
  const arrivals = state.shards.flatMap((shard) => shard.arrival ?? []);
  const members = state.shards.map(({ samples, contribution, arrival }, shard) => {
    return { shard, samples, contribution: arrival ?? contribution };
  });
  return {
    version: state.version + 1,
    members,
    current: versionEntry(state, state.version),
    previous: state.version > 0 ? versionEntry(state, state.version - 1) : null,
    initial: members.some((member) => member.contribution === null) ? versionEntry(state, 0) : null,
    penalty: state.penalty,
    meanStepSquaredNorm: weighted(arrivals, (arrival) => arrival.figures.stepSquaredNorm),
  };
}

function roundRecord({ state, clock }: Draft, formed: Formed, arrivals: Arrival[]): RoundRecord {
  const accuracies = arrivals.map((arrival) => arrival.figures.accuracy);
  return {
    schema: PROTOCOL_VERSION,
    kind: 'round',
    version: formed.stored.version,
    formedAtMs: clock.nowMs,
    arrivals,
    residuals: formed.residuals,
    penalty: state.penalty,
    loss: weighted(arrivals, (arrival) => arrival.figures.loss),
    accuracy: accuracies.includes(null)
      ? null
      : weighted(arrivals, (arrival) => arrival.figures.accuracy ?? 0),
    samplesSeen: state.counters.samplesSeen,
  };
}

/** A new version lies in the store: it becomes the anchor of what it took in. */
export function takeInFormed(draft: Draft, formed: Formed): void {
  const { state } = draft;
  const { version } = formed.stored;
  const arrivals = state.shards.flatMap((shard) => shard.arrival ?? []);
  const record = roundRecord(draft, formed, arrivals);
  state.version = version;
  state.versions[version] = { ...formed.stored, penalty: state.penalty };
  for (const shard of state.shards) {
    if (shard.arrival === null) continue;
    const { version: solvedFrom, digest } = shard.arrival;
    shard.contribution = { version: solvedFrom, digest, anchor: version };
    shard.arrival = null;
  }
  state.residuals = record.residuals;
  state.latest = { loss: record.loss, accuracy: record.accuracy };
  state.unsavedHistory.push(record);
  pruneVersions(state);
}
