/** Invariants of `advance` under any interleaving of answers, repeats, foreign messages, ticks and requests. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance } from '../../lib/coordinator/advance.ts';
import type { CoordinatorEvent } from '../../lib/coordinator/events.ts';
import { foldJobsOf, outboxOf } from '../../lib/coordinator/outbox.ts';
import { stalenessLimit } from '../../lib/coordinator/staleness.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import type { Folded } from '../../lib/protocol/messages.ts';
import { isEnded, type RunState, runStateSchema } from '../../lib/protocol/state.ts';
import { foldedOf, nextState } from '../support/pureRun.ts';
import { control, evaluated, refused, solved, testConfig, tested, testState } from '../support/runs.ts';

type Move =
  | { readonly do: 'answer' | 'repeat' | 'refuse' | 'breakDown' | 'unfold'; readonly pick: number }
  | { readonly do: 'foreign'; readonly shard: number; readonly version: number }
  | { readonly do: 'tick'; readonly begun: boolean; readonly empty: boolean }
  | { readonly do: 'pause' | 'resume' | 'redrive' };

const pick = fc.nat(1000);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('answer' as const), pick }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('repeat' as const, 'refuse', 'breakDown', 'unfold'), pick }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('foreign' as const), shard: fc.nat(9), version: fc.nat(12) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('tick' as const), begun: fc.boolean(), empty: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume', 'redrive') }) },
);

const blocks = fc.constantFrom(1 as const, 2 as const);
const consensus = fc.oneof(
  fc.record({ mode: fc.constant('sync' as const), blocks }),
  fc.record({
    mode: fc.constant('async' as const),
    blocks,
    arrivals: fc.integer({ min: 1, max: 4 }),
    maxStaleness: fc.nat(4),
  }),
);

/** Every block that is awaited, as an answer that forms it. */
const blocksOf = (state: RunState): Folded[] =>
  foldJobsOf({
    ...state,
    fold: state.fold && {
      ...state.fold,
      blocks: state.fold.blocks.map((block) => ({ ...block, dispatchedRevision: state.revision })),
    },
  }).map(foldedOf);

/** One of the contributions that a block is formed from cannot be used. */
function unfoldedOf(state: RunState, pick: number): CoordinatorEvent[] {
  const [folded] = blocksOf(state);
  const members = state.shards.flatMap(({ arrival, contribution, absence }, shard) => {
    const counts = arrival !== null && state.fold?.shards.includes(shard) ? arrival : contribution;
    return counts === null || absence !== null ? [] : [{ shard, version: counts.version }];
  });
  const member = members[pick % members.length];
  if (folded === undefined || member === undefined) return [];
  const { formed: _, ...head } = folded;
  const fault = { cause: pick % 2 === 0 ? 'unreadable' : 'notFinite', reason: 'no object' } as const;
  return [{ ...head, kind: 'unfolded', contribution: { ...member, ...fault } }];
}

/** What is outstanding, as answers to it. */
const answersTo = (state: RunState): CoordinatorEvent[] => [...tasksOf(state), ...blocksOf(state)];

const tasksOf = (state: RunState): CoordinatorEvent[] =>
  outboxOf({
    ...state,
    shards: state.shards.map((shard) => ({
      ...shard,
      task: shard.task && { ...shard.task, dispatchedRevision: state.revision, retryAtMs: null },
    })),
    evaluations: {
      ...state.evaluations,
      outstanding: state.evaluations.outstanding.map((task) => ({
        ...task,
        dispatchedRevision: state.revision,
        retryAtMs: null,
      })),
    },
  }).map((task) => {
    const { run, version, shard, attempt } = task;
    const answer =
      task.kind === 'solve'
        ? solved(run, version, shard)
        : task.kind === 'test'
          ? tested(run, version, 1)
          : evaluated(run, version, 1 / (version + 1));
    return { ...answer, attempt };
  });

class Scenario {
  state: RunState;
  nowMs = 1000;
  readonly takenIn = new Set<string>();
  readonly #config: RunConfig;
  readonly #past: CoordinatorEvent[] = [];

  constructor(config: RunConfig) {
    this.#config = config;
    this.state = testState(config, this.nowMs);
  }

  play(next: Move): void {
    this.nowMs += 400_000;
    for (const event of this.#eventsOf(next)) this.take(event);
  }

  #eventsOf(next: Move): CoordinatorEvent[] {
    const { state } = this;
    const chosen = (from: readonly CoordinatorEvent[], at: number) =>
      from.length === 0 ? [] : [from[at % from.length] as CoordinatorEvent];
    switch (next.do) {
      case 'answer':
        return chosen(answersTo(state), next.pick);
      case 'repeat':
        return chosen(this.#past, next.pick);
      case 'refuse':
      case 'breakDown': {
        const [event] = chosen(answersTo(state), next.pick);
        if (event?.kind !== 'solve') return [];
        const cause = next.do === 'refuse' ? 'unreadable' : 'notFinite';
        return [refused(state.run, event.version, event.shard, event.attempt, cause)];
      }
      case 'unfold':
        return unfoldedOf(state, next.pick);
      case 'foreign':
        return [solved(state.run, next.version, next.shard)];
      case 'tick': {
        const leases = answersTo(state).flatMap((event) =>
          event.kind === 'solve' && next.begun
            ? [{ ...event, kind: 'solve' as const, startedAtMs: this.nowMs - 300_000 }]
            : [],
        );
        return [{ kind: 'tick', leases, queueIsEmpty: next.empty }];
      }
      default:
        return [control(state.run, next.do)];
    }
  }

  take(event: CoordinatorEvent): void {
    const before = this.state;
    this.state = nextState(advance, this.#config, before, [event], this.nowMs);
    this.#past.push(event);
    this.#check(before);
  }

  #check(before: RunState): void {
    const { state } = this;
    expect(state.version).toBeGreaterThanOrEqual(before.version);
    expect(state.version).toBeLessThanOrEqual(this.#config.stop.maxRounds);
    for (const record of state.unsavedHistory) {
      if (record.kind !== 'round') continue;
      for (const { shard, version, staleness } of record.arrivals) {
        const name = `${shard}/${version}`;
        expect(this.takenIn.has(name)).toBe(false);
        this.takenIn.add(name);
        expect(staleness).toBe(record.version - 1 - version);
        expect(staleness).toBeLessThanOrEqual(stalenessLimit(this.#config));
      }
    }
    for (const { task, arrival, answered, absence } of state.shards) {
      expect((answered === null) === (arrival === null)).toBe(true);
      expect(task === null || arrival === null).toBe(true);
      if (state.status === 'running' && (absence?.rejoining ?? true)) {
        expect(task !== null || arrival !== null || before.status === 'paused' || isWaiting(state)).toBe(
          true,
        );
      }
    }
    // Whatever the state refers to, it knows.
    expect(() => answersTo(state)).not.toThrow();
  }

  /** Answers everything that is asked until nothing is. */
  finish(): void {
    if (this.state.status === 'paused') this.take(control(this.state.run, 'resume'));
    for (let round = 0; round < 200 && !isEnded(this.state.status); round++) {
      for (const event of answersTo(this.state)) this.take(event);
    }
  }
}

/** A run whose next round waits for an evaluation, or for blocks of the last one, has nothing out but that. */
const isWaiting = ({ evaluations, fold }: RunState): boolean =>
  evaluations.outstanding.length > 0 || fold !== null;

describe('whatever comes in whatever order', () => {
  test('invariants hold, and the run ends once everything is answered', () => {
    fc.assert(
      fc.property(consensus, fc.array(move, { maxLength: 60 }), fc.boolean(), (mode, moves, givesUp) => {
        const config = testConfig({
          shards: 4,
          stop: { maxRounds: 8 },
          consensus: mode,
          faults: { onShardFailure: givesUp ? 'giveUp' : 'fail', maxAttempts: 4 },
        });
        const scenario = new Scenario(config);
        for (const next of moves) if (!isEnded(scenario.state.status)) scenario.play(next);
        expect(runStateSchema.parse(scenario.state)).toEqual(scenario.state);
        scenario.finish();
        expect(isEnded(scenario.state.status)).toBe(true);
      }),
      { numRuns: 100 },
    );
  }, 300_000);

  test('advance leaves the state that it is given as it was', () => {
    const config = testConfig({ shards: 2 });
    const state = testState(config);
    const copy = structuredClone(state);
    advance(config, state, [solved(state.run, 0, 0), solved(state.run, 0, 1)], { nowMs: 1, revision: 1 });
    expect(state).toEqual(copy);
  });
});
