/**
 * A discrete-event simulation of rounds: the real `advance` decides, time and money are counted. Workers solve, results
 * queue up in one FIFO group, and one invocation at a time takes ten of them.
 */
import { sha256Hex } from '../../lib/codec/digest.ts';
import { type Advanced, advance } from '../../lib/coordinator/advance.ts';
import type { CoordinatorEvent } from '../../lib/coordinator/events.ts';
import { initialState } from '../../lib/coordinator/initialState.ts';
import { outboxOf } from '../../lib/coordinator/outbox.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import type { FoldRequest } from '../../lib/protocol/foldPlan.ts';
import { newNonce } from '../../lib/protocol/ids.ts';
import { PROTOCOL_VERSION, type Task } from '../../lib/protocol/messages.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { assumptions as a } from './assumptions.ts';
import { Timeline } from './timeline.ts';

export interface Scenario {
  readonly config: RunConfig;
  /** P. */
  readonly parameterBytes: number;
  /** Mean time of one subproblem; single ones are up to a quarter longer or shorter. */
  readonly solveSeconds: number;
}

export interface Simulated {
  readonly rounds: number;
  readonly secondsPerRound: number;
  /** Share of the time in which the coordinator works: at 1 it is what the run waits for. */
  readonly coordinatorBusy: number;
  /** Longest invocation, which the function's time-out bounds. */
  readonly longestInvocationSeconds: number;
  readonly invocationsPerRound: number;
  readonly stateBytes: number;
  /** Lambda, S3 and SQS; workers are priced by the hour wherever they are. */
  readonly usdPerRound: number;
}

const COMMIT_ID = '0'.repeat(26);
const ZERO_DIGEST = sha256Hex('0');

/** The same for the same task, between 0.75 and 1.25. */
function variation(shard: number, version: number): number {
  return 0.75 + 0.5 * ((((shard + 1) * 0.6180339887 + version * 0.7548776662) % 1) as number);
}

function answerTo(task: Task, nowSeconds: number): CoordinatorEvent {
  const { run, version, shard, attempt } = task;
  const at = Math.round(nowSeconds * 1000);
  const common = {
    ...({ schema: PROTOCOL_VERSION } as const),
    ...{ run, version, shard, attempt, nonce: newNonce(), startedAtMs: at, finishedAtMs: at },
    worker: { id: `worker-${shard}`, fingerprint: 'simulated/1' },
    seconds: { fetch: 0, solve: 0, upload: 0 },
    transferred: { readBytes: 0, writtenBytes: 0 },
  };
  if (task.kind !== 'solve') {
    return { ...common, kind: task.kind, metrics: { loss: 1, accuracy: 0.5, samples: 1 } };
  }
  const figures = { loss: 1, accuracy: 0.5, stepSquaredNorm: 1, dualSquaredNorm: 1, batchSamples: 250 };
  return { ...common, kind: 'solve', digest: sha256Hex(`${shard}/${version}`), sizeBytes: 1, figures };
}

/** Bytes that a fold moves where z is in memory: docs/SCALING.md. */
function foldBytes({ members, partial }: FoldRequest, parameterBytes: number): number {
  const sets = partial === null ? members.length + 2 : 2 * partial.changes.length + 4;
  return sets * parameterBytes;
}

const formedOf = ({ version, keepsRemainder }: FoldRequest): CoordinatorEvent => ({
  kind: 'formed',
  stored: { version, commitId: COMMIT_ID, digest: ZERO_DIGEST, broadcastDigest: null },
  remainderDigest: keepsRemainder ? ZERO_DIGEST : null,
  residuals: { primal: 1, dual: 1 },
});

class Simulation {
  readonly #scenario: Scenario;
  readonly #timeline = new Timeline<CoordinatorEvent>();
  #state: RunState;
  #busySeconds = 0;
  #invocations = 0;
  #longest = 0;
  #usd = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const initial = { version: 0, commitId: COMMIT_ID, digest: ZERO_DIGEST, broadcastDigest: null };
    const { config } = scenario;
    const shardSamples = Array.from({ length: config.shards }, () => 1000);
    this.#state = initialState({ run: `scale-${COMMIT_ID}`, config, initial, shardSamples, nowMs: 0 });
  }

  run(rounds: number): Simulated {
    this.#dispatch(0);
    let nowSeconds = 0;
    while (this.#state.version < rounds) {
      const batch = this.#timeline.takeUpTo(a.batchRecords, nowSeconds);
      nowSeconds = Math.max(nowSeconds, batch.atSeconds) + a.invocationSeconds;
      const seconds = this.#invoke(batch.events, nowSeconds);
      nowSeconds += seconds;
      this.#dispatch(nowSeconds);
    }
    return {
      rounds,
      secondsPerRound: nowSeconds / rounds,
      coordinatorBusy: this.#busySeconds / nowSeconds,
      longestInvocationSeconds: this.#longest,
      invocationsPerRound: this.#invocations / rounds,
      stateBytes: JSON.stringify(this.#state).length,
      usdPerRound: this.#usd / rounds,
    };
  }

  /** One invocation: the decision is measured, what it reads and writes is counted. */
  #invoke(events: readonly CoordinatorEvent[], nowSeconds: number): number {
    const { config, parameterBytes } = this.#scenario;
    const clock = { nowMs: Math.round(nowSeconds * 1000), revision: this.#state.revision + 1 };
    const before = process.cpuUsage();
    let movedBytes = 0;
    let next: Advanced = advance(config, this.#state, events, clock);
    while (next.fold) {
      movedBytes += foldBytes(next.fold, parameterBytes);
      next = advance(config, next.state, [formedOf(next.fold)], clock);
    }
    this.#state = next.state;
    const stateBytes = JSON.stringify(next.state).length;
    // Processor time, so that what else the machine does does not count.
    const { user, system } = process.cpuUsage(before);
    const decidingSeconds = (user + system) / 1e6;
    const sends = Math.ceil(outboxOf(next.state).length / a.batchRecords);
    const seconds =
      decidingSeconds +
      (movedBytes + stateBytes) / a.functionBytesPerSecond +
      a.putSeconds +
      (movedBytes > 0 ? a.getSeconds + a.putSeconds : 0) +
      Math.ceil(sends / a.parallelSends) * a.sendSeconds;
    this.#account(seconds, movedBytes / parameterBytes, sends, events.length);
    return seconds;
  }

  #account(seconds: number, sets: number, sends: number, records: number): void {
    const p = a.prices;
    this.#busySeconds += seconds + a.invocationSeconds;
    this.#invocations += 1;
    this.#longest = Math.max(this.#longest, seconds);
    const lambda = p.lambdaRequestUsd + seconds * p.functionGigabytes * p.lambdaGigabyteSecondUsd;
    // The coordinator's objects; then, for each answer: task receive and delete, result send, receive and delete, the
    // worker's reads of z̃ and its writes of a contribution and a lease.
    const own = p.s3PutUsd * 2 + sets * p.s3GetUsd + sends * p.sqsRequestUsd;
    const answers = records * (2 * p.sqsRequestUsd + 1.2 * p.sqsFifoRequestUsd + 2 * p.s3PutUsd + p.s3GetUsd);
    this.#usd += lambda + own + answers;
  }

  /** Every task of the outbox has a worker of its own, which answers when it has solved. */
  #dispatch(nowSeconds: number): void {
    const { solveSeconds, parameterBytes } = this.#scenario;
    for (const task of outboxOf(this.#state)) {
      const solve = solveSeconds * variation(task.shard, task.version);
      const moving = (2 * parameterBytes) / a.workerBytesPerSecond + a.getSeconds + a.putSeconds;
      const at = nowSeconds + 2 * a.deliverySeconds + moving + solve;
      this.#timeline.add(at, answerTo(task, at));
    }
  }
}

/** Simulates a number of rounds. */
export const simulate = (scenario: Scenario, rounds: number): Simulated =>
  new Simulation(scenario).run(rounds);
