/**
 * A discrete-event simulation of rounds: the real `advance` decides, time and money are counted. Workers solve, results
 * queue up in one FIFO group, and one invocation at a time takes ten of them. Blocks are formed by invocations beside it.
 */

import { encodeJson } from '../../lib/cloud/json.ts';
import { type Advanced, advance } from '../../lib/coordinator/advance.ts';
import type { CoordinatorEvent } from '../../lib/coordinator/events.ts';
import { initialState } from '../../lib/coordinator/initialState.ts';
import { foldJobsOf, outboxOf } from '../../lib/coordinator/outbox.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import type { FoldRequest } from '../../lib/protocol/foldPlan.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { assumptions as a } from './assumptions.ts';
import { answerTo, COMMIT_ID, foldedOf, formedOf, plannedOf, variation, ZERO_DIGEST } from './messages.ts';
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

/** Parameter sets that a fold moves where z is in memory: docs/SCALING.md. */
const setsOf = ({ members, partial }: FoldRequest): number =>
  partial === null ? members.length + 2 : 2 * partial.changes.length + 4;

/** What one function takes for its part of a fold, reading some objects ahead. @param requests for one set. */
const foldSeconds = (sets: number, bytes: number, requests: number): number =>
  bytes / a.functionBytesPerSecond + (sets * requests * a.getSeconds) / a.readAhead + a.putSeconds;

class Simulation {
  readonly #scenario: Scenario;
  readonly #timeline = new Timeline<CoordinatorEvent>();
  #state: RunState;
  #busySeconds = 0;
  #invocations = 0;
  #longest = 0;
  #usd = 0;
  /** Parameter sets that the fold in blocks moves which is out. */
  #setsOut = 0;

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
      stateBytes: encodeJson(this.#state).length,
      usdPerRound: this.#usd / rounds,
    };
  }

  /** One invocation: the decision is measured, what it reads and writes is counted. */
  #invoke(events: readonly CoordinatorEvent[], nowSeconds: number): number {
    const { config } = this.#scenario;
    const clock = { nowMs: Math.round(nowSeconds * 1000), revision: this.#state.revision + 1 };
    const before = process.cpuUsage();
    const counted = { sets: 0, seconds: 0 };
    let next: Advanced = advance(config, this.#state, events, clock);
    for (let outcome = this.#carryOut(next, counted); outcome !== null; ) {
      next = advance(config, next.state, [outcome], clock);
      outcome = this.#carryOut(next, counted);
    }
    this.#state = next.state;
    const stateBytes = encodeJson(next.state).length;
    // Processor time, so that what else the machine does does not count.
    const { user, system } = process.cpuUsage(before);
    const decidingSeconds = (user + system) / 1e6;
    const sends = Math.ceil(outboxOf(next.state).length / a.batchRecords) + foldJobsOf(next.state).length;
    const seconds =
      decidingSeconds +
      counted.seconds +
      stateBytes / a.functionBytesPerSecond +
      a.putSeconds +
      Math.ceil(sends / a.parallelSends) * a.sendSeconds;
    this.#account(seconds, counted.sets, sends, events.length);
    return seconds;
  }

  /** What `advance` asks for, and what it takes; null where it asks for nothing. */
  #carryOut(
    { fold, assembly }: Advanced,
    counted: { sets: number; seconds: number },
  ): CoordinatorEvent | null {
    const { config, parameterBytes } = this.#scenario;
    if (assembly !== null) {
      counted.seconds += a.getSeconds + a.putSeconds;
      return formedOf(
        assembly.version,
        assembly.blocks.some(({ remainderDigest }) => remainderDigest !== null),
      );
    }
    if (fold === null) return null;
    const sets = setsOf(fold);
    if (config.consensus.blocks > 1) {
      this.#setsOut = sets;
      counted.seconds += a.putSeconds;
      return plannedOf(fold);
    }
    counted.sets += sets;
    counted.seconds += foldSeconds(sets, sets * parameterBytes, 1);
    return formedOf(fold.version, fold.keepsRemainder);
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
    const [puts, gets] = [this.#objects + 1, this.#objects];
    const answers =
      records * (2 * p.sqsRequestUsd + 1.2 * p.sqsFifoRequestUsd + puts * p.s3PutUsd + gets * p.s3GetUsd);
    this.#usd += lambda + own + answers;
  }

  /** Objects of one parameter set: its blocks and what names them. */
  get #objects(): number {
    const { blocks } = this.#scenario.config.consensus;
    return blocks === 1 ? 1 : blocks + 1;
  }

  /** Each block that is asked for is formed by an invocation of its own, beside the others. */
  #foldBlocks(nowSeconds: number): void {
    const { config, parameterBytes } = this.#scenario;
    const { blocks } = config.consensus;
    const p = a.prices;
    const sets = this.#setsOut;
    // The state and the plan come first; of each set a manifest and a block are read.
    const looking = 2 * a.getSeconds + encodeJson(this.#state).length / a.functionBytesPerSecond;
    const seconds = looking + foldSeconds(sets, (sets * parameterBytes) / blocks, 2);
    for (const job of foldJobsOf(this.#state)) {
      this.#longest = Math.max(this.#longest, seconds);
      const lambda = p.lambdaRequestUsd + seconds * p.functionGigabytes * p.lambdaGigabyteSecondUsd;
      this.#usd += lambda + 2 * sets * p.s3GetUsd + 3 * p.s3PutUsd + 5 * p.sqsFifoRequestUsd;
      const at = nowSeconds + 2 * a.deliverySeconds + a.invocationSeconds + seconds;
      this.#timeline.add(at, foldedOf(job, blocks));
    }
  }

  /** Every task of the outbox has a worker of its own, which answers when it has solved. */
  #dispatch(nowSeconds: number): void {
    const { solveSeconds, parameterBytes } = this.#scenario;
    this.#foldBlocks(nowSeconds);
    const latency = (this.#objects === 1 ? 1 : 2) * (a.getSeconds + a.putSeconds);
    for (const task of outboxOf(this.#state)) {
      const solve = solveSeconds * variation(task.shard, task.version);
      const moving = (2 * parameterBytes) / a.workerBytesPerSecond + latency;
      const at = nowSeconds + 2 * a.deliverySeconds + moving + solve;
      this.#timeline.add(at, answerTo(task, at));
    }
  }
}

/** Simulates a number of rounds. */
export const simulate = (scenario: Scenario, rounds: number): Simulated =>
  new Simulation(scenario).run(rounds);
