/** When the consensus variable is formed anew, from what, and what follows once it is. */

import { balancePenalty } from '../consensus/penalty.ts';
import { residualsAreSmall } from '../consensus/stopping.ts';
import { contributionName, type FoldRequest, type Member, type PartialUpdate } from '../protocol/foldPlan.ts';
import { type Arrival, HISTORY_SCHEMA, type RoundRecord } from '../protocol/history.ts';
import type { ShardState } from '../protocol/state.ts';
import type { Draft } from './advance.ts';
import { foldedShards } from './blockwise.ts';
import type { Formed } from './events.ts';
import { stalenessLimit } from './staleness.ts';
import { penaltyFactorOf } from './tasks.ts';
import { changePenalty, pruneVersions, versionEntry } from './versions.ts';
import { weighted } from './weighted.ts';

/**
 * After so many versions the average is formed anew, whatever arrived. Each partial update rounds at 2⁻⁴⁸, so this is
 * far from what float32 could show.
 */
export const RENEWAL_VERSIONS = 128;

/** Shards that are asked: all but those given up. */
const asked = ({ state }: Draft) =>
  state.shards.filter(({ absence }) => absence === null || absence.rejoining);

/** A: how many shards have to arrive before an update. */
function requiredArrivals(draft: Draft): number {
  const { mode, arrivals = 1 } = draft.config.consensus;
  const present = asked(draft).length;
  return mode === 'sync' ? present : Math.min(arrivals, present);
}

/**
 * Partial barrier and bounded delay (Zhang & Kwok, ICML 2014): an update is due once A shards have arrived, unless it
 * would let the answer to an outstanding task come in with a staleness above τ.
 */
function isDue(draft: Draft): boolean {
  const { config, state } = draft;
  if (state.status !== 'running') return false;
  const arrived = state.shards.filter((shard) => shard.arrival !== null).length;
  if (arrived === 0 || arrived < requiredArrivals(draft)) return false;
  const limit = stalenessLimit(config);
  return state.shards.every(
    (shard) => shard.task === null || state.version + 1 - shard.task.version <= limit,
  );
}

/** What has changed since the last update, where that is less to read than everything. */
function partialUpdate(draft: Draft, members: readonly Member[]): PartialUpdate | null {
  const { state } = draft;
  const { remainderDigest } = versionEntry(state, state.version);
  if (remainderDigest === null || (state.version + 1) % RENEWAL_VERSIONS === 0) return null;
  const changes = members.flatMap(({ shard, samples }) => {
    const { arrival, contribution } = state.shards[shard] ?? {};
    return arrival ? [{ shard, samples, before: contribution ?? null, after: arrival }] : [];
  });
  const joins = state.shards.some(({ absence, arrival }) => absence !== null && arrival !== null);
  if (changes.length === members.length || joins) return null;
  const totalSamples = members.reduce((sum, { samples }) => sum + samples, 0);
  return { changes, totalSamples, remainderDigest };
}

/** Whether a shard has not been taken in yet: w_i = z_0 counts for it, or is what its first arrival takes the place of. */
const isFirst = (shard: ShardState | undefined): boolean =>
  shard?.contribution === null && shard.absence === null;

/** The consensus update that is due now, or null. */
export function foldRequest(draft: Draft): FoldRequest | null {
  if (draft.state.fold !== null || !isDue(draft)) return null;
  const { state } = draft;
  const arrivals = state.shards.flatMap((shard) => shard.arrival ?? []);
  const members = state.shards.flatMap(({ samples, contribution, arrival, absence }, shard) =>
    absence !== null && arrival === null ? [] : [{ shard, samples, contribution: arrival ?? contribution }],
  );
  return {
    version: state.version + 1,
    members,
    partial: partialUpdate(draft, members),
    keepsRemainder: requiredArrivals(draft) < asked(draft).length,
    current: versionEntry(state, state.version),
    previous: state.version > 0 ? versionEntry(state, state.version - 1) : null,
    initial: members.some(({ shard }) => isFirst(state.shards[shard])) ? versionEntry(state, 0) : null,
    penalty: state.penalty,
    meanStepSquaredNorm: weighted(arrivals, (arrival) => arrival.figures.stepSquaredNorm),
  };
}

function roundRecord({ state, clock }: Draft, formed: Formed, arrivals: Arrival[]): RoundRecord {
  const accuracies = arrivals.map((arrival) => arrival.figures.accuracy);
  return {
    schema: HISTORY_SCHEMA,
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

/** Takes arrivals in: what counts in the sum, since which version. */
function takeInArrivals(shards: readonly ShardState[], version: number): void {
  for (const shard of shards) {
    if (shard.arrival === null) continue;
    const { remedy, figures } = shard.arrival;
    const penaltyFactor = penaltyFactorOf(remedy);
    shard.contribution = { ...contributionName(shard.arrival), anchor: version, penaltyFactor };
    shard.stepLength = figures.subproblem?.stepLength ?? shard.stepLength;
    shard.arrival = null;
    shard.answered = null;
    shard.absence = null;
  }
}

/** What follows from the residuals of a new version: σ of what is solved from it, and the end of a run. */
function judgeResiduals({ state, config }: Draft, { residuals }: RoundRecord, arrivals: Arrival[]): void {
  const { balancing } = config.consensus;
  const { consensusNorm, parameters } = residuals;
  const dualNorm = Math.sqrt(weighted(arrivals, ({ figures }) => figures.dualSquaredNorm));
  const tolerances = config.stop.residuals;
  if (tolerances !== null && consensusNorm !== undefined && parameters !== undefined) {
    const scale = { parameters, consensusNorm, dualNorm, penalty: state.penalty };
    if (residualsAreSmall(residuals, scale, tolerances)) state.converged ??= state.version;
  }
  if (balancing !== null) changePenalty(state, balancePenalty(state.penalty, residuals, balancing));
}

/** A new version lies in the store: it becomes the anchor of what it took in. */
export function takeInFormed(draft: Draft, formed: Formed): void {
  const { state, config } = draft;
  const { stored, remainderDigest } = formed;
  const shards = foldedShards(state);
  // Of what came while blocks were being formed, the version that takes it in is known only now.
  const arrivals = shards.flatMap(({ arrival }) =>
    arrival === null ? [] : [{ ...arrival, staleness: stored.version - 1 - arrival.version }],
  );
  const record = roundRecord(draft, formed, arrivals);
  state.fold = null;
  state.version = stored.version;
  state.versions[stored.version] = {
    ...stored,
    penalty: state.penalty,
    nextPenalty: state.penalty,
    remainderDigest,
  };
  takeInArrivals(shards, stored.version);
  judgeResiduals(draft, record, arrivals);
  state.residuals = record.residuals;
  state.latest = { loss: record.loss, accuracy: record.accuracy };
  state.unsavedHistory.push(record);
  pruneVersions(state, config.retention.versions);
}
