import { describe, expect, test } from 'vitest';
import { EXPLORATION_TIMEOUT_MS, inBlocks, model } from '../support/modelOptions.ts';
import { loadMutant, type Mutation } from '../support/mutant.ts';
import { explore, type Phase } from '../support/protocolModel.ts';
import type { Advance } from '../support/pureRun.ts';

const synchronous = { mode: 'sync' } as const;
const asynchronous = { mode: 'async', arrivals: 1, maxStaleness: 0 } as const;

function hasThrown(attempt: () => unknown): boolean {
  try {
    attempt();
    return false;
  } catch {
    return true;
  }
}

async function mutated(mutation: Mutation): Promise<{ advance: Advance }> {
  return loadMutant('lib/coordinator/advance.ts', mutation);
}

describe('every state that can be reached with 3 shards, 2 workers and 1 crash', () => {
  test(
    'of a synchronous run holds the invariants and leads to the same version',
    () => {
      const { states, finalDigests } = explore(model(synchronous));
      console.log(`synchronous: ${states} states`);
      expect(finalDigests).toHaveLength(1);
    },
    EXPLORATION_TIMEOUT_MS,
  );

  test(
    'of an asynchronous run holds the invariants',
    () => {
      const { states } = explore(model({ mode: 'async', arrivals: 1, maxStaleness: 1 }));
      console.log(`asynchronous: ${states} states`);
      expect(states).toBeGreaterThan(1000);
    },
    EXPLORATION_TIMEOUT_MS,
  );
});

describe('every state that can be reached with 2 blocks, 2 shards, 2 workers and 1 crash', () => {
  test(
    'of a synchronous run holds the invariants and leads to the same version',
    () => {
      const { states, finalDigests } = explore(inBlocks(synchronous));
      console.log(`synchronous, in blocks: ${states} states`);
      expect(finalDigests).toHaveLength(1);
    },
    EXPLORATION_TIMEOUT_MS,
  );

  test.each([
    [
      'a block that counts for another fold',
      'blockwise.ts',
      'state.fold?.commitId === commitId ? ',
      'true ? ',
    ],
    [
      'a version that takes in what came after its plan',
      'blockwise.ts',
      '(fold?.shards.includes(index) ?? true)',
      'true',
    ],
  ])(
    'a mutation is caught: %s',
    async (_, file, from, to) => {
      const { advance: mutant } = await mutated({ file: `lib/coordinator/${file}`, from, to });
      const both = [synchronous, { mode: 'async', arrivals: 1, maxStaleness: 1 } as const];
      const tried = both.map((consensus) => () => explore(inBlocks(consensus, { advance: mutant })));
      expect(tried.some((attempt) => hasThrown(attempt))).toBe(true);
    },
    EXPLORATION_TIMEOUT_MS,
  );
});

describe('a mutation is caught:', () => {
  test(
    'no check for duplicates',
    async () => {
      const { advance: mutant } = await mutated({
        file: 'lib/coordinator/solutions.ts',
        from: 'task?.version === version && attempt >= task.firstAttempt ? task : null',
        to: 'task',
      });
      expect(() => explore(model(synchronous, { advance: mutant }))).toThrow();
    },
    EXPLORATION_TIMEOUT_MS,
  );

  test(
    'acknowledgement before the commit',
    () => {
      const phases: readonly Phase[] = ['acknowledge', 'commit', 'send'];
      expect(() => explore(model(synchronous, { phases }))).toThrow('stands still');
    },
    EXPLORATION_TIMEOUT_MS,
  );

  test(
    'a staleness of one more than allowed',
    async () => {
      const { advance: mutant } = await mutated({
        file: 'lib/coordinator/folds.ts',
        from: 'state.version + 1 - shard.task.version <= limit',
        to: 'state.version - shard.task.version <= limit',
      });
      expect(() => explore(model(asynchronous, { advance: mutant }))).toThrow('staleness');
    },
    EXPLORATION_TIMEOUT_MS,
  );
});
