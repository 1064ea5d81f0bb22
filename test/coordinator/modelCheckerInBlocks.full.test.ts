import { describe, expect, test } from 'vitest';
import { EXPLORATION_TIMEOUT_MS, inBlocks } from '../support/modelOptions.ts';
import { explore } from '../support/protocolModel.ts';

describe('every state that can be reached with 2 blocks, 2 shards, 2 workers and 1 crash', () => {
  test(
    'of an asynchronous run holds the invariants, with answers that come while blocks are formed',
    () => {
      const { states } = explore(inBlocks({ mode: 'async', arrivals: 1, maxStaleness: 1 }));
      console.log(`asynchronous, in blocks: ${states} states`);
      expect(states).toBeGreaterThan(1000);
    },
    EXPLORATION_TIMEOUT_MS,
  );
});
