/** What the model checker explores: runs small enough to be explored whole. */
import { advance } from '../../lib/coordinator/advance.ts';
import type { RunConfigInput } from '../../lib/protocol/config.ts';
import type { ModelOptions, Phase } from './protocolModel.ts';
import { testConfig, testState } from './runs.ts';

/** What takes a minute by itself may take several beside other tests. */
export const EXPLORATION_TIMEOUT_MS = 600_000;

const inOrder: readonly Phase[] = ['commit', 'send', 'acknowledge'];

/** 3 shards, 2 workers, 1 crash; two rounds are enough for every kind of late answer. */
export function model(
  consensus: RunConfigInput['consensus'],
  changes: Partial<ModelOptions> = {},
): ModelOptions {
  const config = testConfig({ shards: 3, stop: { maxRounds: 2 }, evaluation: { everyRounds: 2 }, consensus });
  const initial = testState(config, 0);
  return { config, initial, advance, workers: 2, crashes: 1, phases: inOrder, ...changes };
}

/** 2 blocks, 2 shards, 2 workers and 1 crash. */
export const inBlocks = (consensus: RunConfigInput['consensus'], changes: Partial<ModelOptions> = {}) => {
  const stop = { maxRounds: 2 };
  const config = testConfig({
    ...{ shards: 2, stop, evaluation: { everyRounds: 2 } },
    consensus: { ...consensus, blocks: 2 },
  });
  return { ...model(consensus, changes), config, initial: testState(config, 0) };
};
