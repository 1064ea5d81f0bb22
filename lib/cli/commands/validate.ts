import { Command } from 'commander';
import { LONGEST_STEP } from '../../admm/longestStep.ts';
import { ASSUMED_CAPACITY, requireCommitFits, requireMemoryFits } from '../../client/commitSize.ts';
import { type Estimate, estimateRun, shapeBeforeData } from '../../client/estimate.ts';
import { LIST_PRICES } from '../../client/priceTable.ts';
import { ConfigError } from '../../errors.ts';
import type { RunConfig } from '../../protocol/config.ts';
import { estimateLines, shapeOf } from '../estimateConfig.ts';
import { dataOption, jsonOption, workersOption } from '../options.ts';
import { note, printJson } from '../output.ts';
import { readRunConfig } from '../readConfig.ts';

interface ValidateOptions {
  readonly workers: number;
  readonly data?: string;
  readonly json?: true;
}

const EXAMPLES = `
What the run would take at most is said on stderr: rounds, time, bytes and cost; padmm cost tells more. Where the files
decide how large the network is, they are read with --data. With --json the config and the estimate are one document.

Examples:
  padmm validate examples/mnist.json
  padmm validate reviews.jsonc --data DIR --workers 8 --json`;

/** What a stack with default settings would refuse the run for; one with other settings may take it. */
function refusalsOf(config: RunConfig, parameterBytes: number): string[] {
  return [requireCommitFits, requireMemoryFits].flatMap((require) => {
    try {
      require(config, parameterBytes, ASSUMED_CAPACITY);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return [error.message];
      throw error;
    }
  });
}

/** Over-relaxation wants a product below this (Boyd et al. 2011, section 3.4.3): see docs/ALGORITHM.md. */
const RELAXATION_LIMIT = 2;

/** Warns where shards that go far along their step would be over-relaxed too far. */
function relaxationWarnings({ consensus: { relaxation }, solver }: RunConfig): string[] {
  const longest = solver.stepLength === 'search' ? LONGEST_STEP : 1;
  if (relaxation * longest < RELAXATION_LIMIT) return [];
  const most = (RELAXATION_LIMIT / longest).toFixed(2);
  return [
    `consensus.relaxation: expected less than ${most}, since a shard may go ${longest} times its step, received ${relaxation}: duals may swing ever wider`,
  ];
}

/** null where the files decide, and nobody says where they are. */
async function estimateOf(config: RunConfig, { workers, data }: ValidateOptions): Promise<Estimate | null> {
  const shape = data === undefined ? shapeBeforeData(config.dataset) : await shapeOf(config, data);
  return shape && estimateRun(config, { shape, workers, prices: LIST_PRICES, vcpus: null });
}

async function validate(path: string, options: ValidateOptions): Promise<void> {
  const { workers, json } = options;
  const config = await readRunConfig(path);
  const estimate = await estimateOf(config, options);
  const refusals = estimate === null ? [] : refusalsOf(config, estimate.parameterBytes);
  const warnings = relaxationWarnings(config);
  if (json) printJson({ config, estimate, workers, prices: LIST_PRICES, refusals, warnings });
  else printJson(config);
  if (estimate === null) note(`estimate: the data decide: padmm validate ${path} --data DIR`);
  else for (const line of estimateLines(estimate, LIST_PRICES, workers)) note(line);
  for (const warning of warnings) note(warning);
  for (const refusal of refusals) note(`a stack with default settings would refuse: ${refusal}`);
}

/** `padmm validate CONFIG`: checks a run config, prints what a run would use, and prices it. */
export const validateCommand = (): Command =>
  new Command('validate')
    .argument('<config>', 'run config, a JSON file')
    .addOption(workersOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(validate);
