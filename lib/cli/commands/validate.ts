import { Command } from 'commander';
import { LONGEST_STEP } from '../../admm/longestStep.ts';
import { ASSUMED_CAPACITY, requireCommitFits, requireMemoryFits } from '../../client/commitSize.ts';
import { estimateRun, shapeBeforeData } from '../../client/estimate.ts';
import { LIST_PRICES } from '../../client/priceTable.ts';
import { ConfigError } from '../../errors.ts';
import type { RunConfig } from '../../protocol/config.ts';
import { estimateLines } from '../estimateConfig.ts';
import { workersOption } from '../options.ts';
import { note, printJson } from '../output.ts';
import { readRunConfig } from '../readConfig.ts';

const EXAMPLES = `
What the run would take at most is said on stderr: rounds, time, bytes and cost; padmm cost tells more.

Examples:
  padmm validate examples/mnist.json`;

/** Says what a stack with default settings would refuse the run for; one with other settings may take it. */
function noteRefusal(config: RunConfig, parameterBytes: number): void {
  for (const require of [requireCommitFits, requireMemoryFits]) {
    try {
      require(config, parameterBytes, ASSUMED_CAPACITY);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      note(`a stack with default settings would refuse: ${error.message}`);
    }
  }
}

/** Over-relaxation wants a product below this (Boyd et al. 2011, section 3.4.3): see docs/ALGORITHM.md. */
const RELAXATION_LIMIT = 2;

/** Warns where shards that go far along their step would be over-relaxed too far. */
function noteRelaxation({ consensus: { relaxation }, solver }: RunConfig): void {
  const longest = solver.stepLength === 'search' ? LONGEST_STEP : 1;
  if (relaxation * longest < RELAXATION_LIMIT) return;
  const most = (RELAXATION_LIMIT / longest).toFixed(2);
  note(
    `consensus.relaxation: expected less than ${most}, since a shard may go ${longest} times its step, received ${relaxation}: ` +
      'duals may swing ever wider',
  );
}

function noteEstimate(path: string, config: RunConfig, workers: number): void {
  const shape = shapeBeforeData(config.dataset);
  if (shape === null) {
    note(`estimate: the data decide: padmm cost ${path} --data DIR`);
    return;
  }
  const estimate = estimateRun(config, { shape, workers, prices: LIST_PRICES, vcpus: null });
  for (const line of estimateLines(estimate, LIST_PRICES, workers)) note(line);
  noteRefusal(config, estimate.parameterBytes);
}

/** `padmm validate CONFIG`: checks a run config and prints what a run would use, every default filled in. */
export const validateCommand = (): Command =>
  new Command('validate')
    .argument('<config>', 'run config, a JSON file')
    .addOption(workersOption())
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, { workers }: { readonly workers: number }) => {
      const config = await readRunConfig(path);
      printJson(config);
      noteRelaxation(config);
      noteEstimate(path, config, workers);
    });
