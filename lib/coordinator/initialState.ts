import type { RunConfig } from '../protocol/config.ts';
import type { StoredVersion } from '../protocol/messages.ts';
import { initialPenalties } from '../protocol/resolve.ts';
import { type RunState, STATE_SCHEMA } from '../protocol/state.ts';
import { advance } from './advance.ts';

/** What a submission knows when it writes the first state. */
export interface Submission {
  readonly run: string;
  readonly config: RunConfig;
  /** z_0 as stored. */
  readonly initial: StoredVersion;
  /** n_i of every shard. */
  readonly shardSamples: readonly number[];
  readonly nowMs: number;
}

/** The state of a run that has begun: every shard's first subproblem and the evaluation of z_0 are in its outbox. */
export function initialState({ run, config, initial, shardSamples, nowMs }: Submission): RunState {
  const penalty = initialPenalties(config);
  const empty: RunState = {
    schema: STATE_SCHEMA,
    run,
    revision: 0,
    commitId: initial.commitId,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    status: 'running',
    reason: '',
    budget: { maxRounds: null, maxWallSeconds: null, maxWorkerSeconds: null, maxCostUsd: null },
    pausedAtMs: null,
    pausedMs: 0,
    waitingSinceMs: null,
    takenIn: [],
    version: 0,
    versions: { 0: { ...initial, penalty, nextPenalty: penalty, remainderDigest: null } },
    penalty,
    shards: shardSamples.map((samples) => ({
      ...{ samples, contribution: null, task: null, arrival: null, answered: null },
      ...{ stepLength: 1, seconds: null, absence: null },
    })),
    evaluations: { outstanding: [], latest: null, best: null, curve: [], lowest: [], targetReached: null },
    fold: null,
    closing: null,
    converged: null,
    model: null,
    residuals: null,
    latest: null,
    counters: {
      samplesSeen: 0,
      duplicates: 0,
      late: 0,
      refused: 0,
      resent: 0,
      backups: 0,
      remedied: 0,
      answers: 0,
      workerReadBytes: 0,
      workerWrittenBytes: 0,
      workerSeconds: 0,
    },
    fingerprints: [],
    workers: [],
    unsavedHistory: [],
  };
  return advance(config, empty, [], { nowMs, revision: 0 }).state;
}
