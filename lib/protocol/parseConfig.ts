/** Reading a run config that a person wrote: every field by itself, then those that must suit each other. */
import { ConfigError, type Mismatch } from '../errors.ts';
import { type RunConfig, runConfigSchema } from './config.ts';
import { parseInput } from './validate.ts';

type Check = (config: RunConfig) => Mismatch | false;

const DENSE_INPUTS: readonly string[] = ['digits', 'mnist', 'sequences'];

const checks: readonly Check[] = [
  ({ consensus: { arrivals }, shards }) =>
    arrivals !== undefined &&
    arrivals > shards && {
      field: 'consensus.arrivals',
      expected: `at most the number of shards, ${shards}`,
      received: String(arrivals),
    },
  ({ consensus: { blocks, wire } }) =>
    blocks > 1 &&
    wire !== 'float32' && {
      field: 'consensus.wire',
      expected: '"float32" where consensus.blocks is above 1',
      received: `"${wire}"`,
    },
  ({ dataset, stop: { targetAccuracy } }) =>
    targetAccuracy !== undefined &&
    dataset.kind === 'sequences' &&
    dataset.task === 'regression' && {
      field: 'stop.targetAccuracy',
      expected: 'nothing where dataset.task is "regression", which has no accuracy',
      received: String(targetAccuracy),
    },
  ({ dataset: { kind }, solver: { penalty } }) =>
    penalty.input != null &&
    DENSE_INPUTS.includes(kind) && {
      field: 'solver.penalty.input',
      expected: `null where inputs are numbers, as those of "${kind}": U is solved together with W`,
      received: String(penalty.input),
    },
];

/**
 * A run config with every default filled in.
 *
 * @param subject names the input in the message of an error.
 * @throws ConfigError naming every field that is wrong, or that does not suit another.
 */
export function parseRunConfig(input: unknown, subject: string): RunConfig {
  const config = parseInput(runConfigSchema, input, subject);
  const mismatches = checks.map((check) => check(config)).filter((found) => found !== false);
  if (mismatches.length > 0) throw new ConfigError(subject, mismatches);
  return config;
}
