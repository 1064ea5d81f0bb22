/**
 * States of older programs, brought to the newest form one schema at a time, so that a run that was paused before an
 * upgrade goes on after it.
 */

/** Schema of the states that this program writes. */
export const STATE_SCHEMA = 5;

type Stored = Record<string, unknown>;

const isObject = (value: unknown): value is Stored =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mapObject = (value: unknown, change: (entry: Stored) => Stored): unknown =>
  isObject(value) ? change(value) : value;

const mapList = (value: unknown, change: (entry: Stored) => Stored): unknown =>
  Array.isArray(value) ? value.map((entry) => mapObject(entry, change)) : value;

/** A task of schema 1: every attempt after the first was a failure. */
const taskOf1 = (task: Stored): Stored => ({
  failures: task.attempt,
  retryAtMs: null,
  backedUp: false,
  ...task,
});

const solveTaskOf1 = (task: Stored): Stored => ({ remedy: 'none', firstAttempt: 0, ...taskOf1(task) });

/** The task that was answered, which schema 1 did not keep beside its answer. */
const answeredOf1 = ({ version, attempt, startedAtMs }: Stored): Stored =>
  solveTaskOf1({ version, attempt, dispatchedAtMs: startedAtMs, dispatchedRevision: 0 });

const shardOf1 = (shard: Stored): Stored => ({
  stepLength: 1,
  seconds: null,
  absence: null,
  ...shard,
  task: mapObject(shard.task, solveTaskOf1),
  answered: mapObject(shard.arrival ?? null, answeredOf1),
  contribution: mapObject(shard.contribution, (taken) => ({ penaltyFactor: 1, ...taken })),
});

/** Schema 1 had no budgets in the state, one σ for all that a version had to do with, and no partial sums. */
function from1(state: Stored): Stored {
  const entryOf1 = (entry: Stored): Stored => ({
    nextPenalty: state.penalty,
    remainderDigest: null,
    ...entry,
  });
  const versions = mapObject(state.versions, (all) =>
    Object.fromEntries(Object.entries(all).map(([version, entry]) => [version, mapObject(entry, entryOf1)])),
  );
  return {
    budget: { maxRounds: null, maxWallSeconds: null, maxWorkerSeconds: null, maxCostUsd: null },
    pausedAtMs: state.status === 'paused' ? state.updatedAtMs : null,
    pausedMs: 0,
    waitingSinceMs: null,
    ...{ closing: null, converged: null },
    ...state,
    schema: 2,
    versions,
    shards: mapList(state.shards, shardOf1),
    evaluations: mapObject(state.evaluations, (evaluations) => ({
      curve: [],
      ...evaluations,
      outstanding: mapList(evaluations.outstanding, taskOf1),
    })),
    counters: mapObject(state.counters, (counters) => ({
      ...{ resent: 0, backups: 0, remedied: 0, answers: 0 },
      ...counters,
    })),
  };
}

/**
 * Schema 2 formed every version in one piece, named a model by the version alone, and made the closing average of the
 * last versions.
 */
const from2 = (state: Stored): Stored => ({
  fold: null,
  ...state,
  schema: 3,
  evaluations: mapObject(state.evaluations, (evaluations) => ({ lowest: [], ...evaluations })),
  model: mapObject(state.model, (model) => ({ digest: null, ...model })),
});

/** Schema 3 knew versions by their digests alone. */
const from3 = (state: Stored): Stored => ({ ...state, schema: 4 });

/** Schema 4 knew contributions by a digest and, where the worker had said it, by a checksum besides. */
const from4 = (state: Stored): Stored => ({
  ...state,
  schema: 5,
  shards: mapList(state.shards, (shard) => ({
    ...shard,
    contribution: mapObject(shard.contribution, ({ checksum: _, ...taken }) => taken),
  })),
});

/** Of each old schema, the step to the next. */
const steps: Readonly<Record<number, (state: Stored) => Stored>> = { 1: from1, 2: from2, 3: from3, 4: from4 };

/** Brings a stored state to `STATE_SCHEMA`; what is not known is left for the schema to refuse. */
export function migrateState(stored: unknown): unknown {
  let state = stored;
  while (isObject(state) && typeof state.schema === 'number') {
    const step = steps[state.schema];
    if (step === undefined) break;
    state = step(state);
  }
  return state;
}
