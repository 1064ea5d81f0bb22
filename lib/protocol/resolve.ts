/** Defaults that depend on the shape of the data: filled in when a run is submitted, so that its config says them. */
import type { RunConfig } from './config.ts';
import type { TaskShape } from './dataset.ts';

/** Above this many ids U is solved by itself: one system with W would grow with the vocabulary. */
const LARGEST_JOINT_VOCABULARY = 1000;
/** σ_in: a word is rare beside a hidden unit, and its own few counts have to outweigh the penalty. */
const INPUT_PENALTY = 0.01;

/** σ_in by the form of the inputs alone; null where U is solved together with W. */
function inputPenaltyFor({ input }: TaskShape): number | null {
  return input.kind === 'oneHot' && input.vocabulary > LARGEST_JOINT_VOCABULARY ? INPUT_PENALTY : null;
}

/** The config with every default that the data decide; what the user wrote stays. */
export function resolveConfig(config: RunConfig, shape: TaskShape): RunConfig {
  const { solver } = config;
  if (solver.penalty.input !== undefined) return config;
  const penalty = { ...solver.penalty, input: inputPenaltyFor(shape) };
  return { ...config, solver: { ...solver, penalty } };
}
