/** Defaults that depend on the shape of the data: filled in when a run is submitted, so that its config says them. */
import type { RunConfig } from './config.ts';
import type { TaskShape } from './dataset.ts';
import type { GroupPenalties } from './figures.ts';

/** Above this many ids U is solved by itself: one system with W would grow with the vocabulary. */
const LARGEST_JOINT_VOCABULARY = 1000;
/**
 * Steps whose targets may add up in the last state: what each of T steps is moved by reaches it, and a step that was solved
 * for one linearisation leaves the region where that holds the sooner, the longer the sequence. So many as MNIST by rows
 * has go whole; of 784 pixels nothing was learnt without (docs/ALGORITHM.md, section 3).
 */
const STEPS_THAT_ADD_UP = 28;
/** Where states are made of rare ids, small and far from saturation, the network is all but linear: moves add up whole. */
const RARE_STEPS_THAT_ADD_UP = 2;
/** σ_in: a word is rare beside a hidden unit, and its own few counts have to outweigh the penalty. */
const INPUT_PENALTY = 0.01;
/**
 * σ for one row of Z an output. The Gram matrix of U, W and b sums a row for every time step and is divided by the outputs:
 * a σ that is to weigh the same beside it grows with the rows an output, up to the 28 of MNIST by rows: the rows of a
 * longer sequence say much the same, and at 120 of them a larger σ was measured to be worse.
 */
const PENALTY_PER_ROW = 1 / 280;
const LARGEST_PENALTY = 0.1;
/**
 * λ of weight decay for every σ: a round shrinks the weights by 0.2 % whatever σ is, since λ alone would say little:
 * it acts beside σ. In ten epochs of MNIST by rows it was worth 0.3 points, in IMDb it slows overfitting.
 */
const DECAY_PER_PENALTY = 0.002;

const MOMENTUM = 0.5;
/**
 * Of inputs that are ids, each batch tells of few, and what a longer memory adds up is progress: characters had 1.54 nats on
 * validation data after ten epochs with it and 1.59 with 0.5. Dense inputs say the same in every batch: there it swings
 * (MNIST lost 0.7 points from 0.5 to 0.6), and stale contributions make it longer still.
 */
const IDS_MOMENTUM = 0.8;

function recurrentPenaltyFor({ readout, timeSteps }: TaskShape): number {
  return Math.min(LARGEST_PENALTY, PENALTY_PER_ROW * (readout === 'every' ? 1 : timeSteps));
}

const isLargeVocabulary = ({ input }: TaskShape): boolean =>
  input.kind === 'oneHot' && input.vocabulary > LARGEST_JOINT_VOCABULARY;

/** σ_in by the form of the inputs alone; null where U is solved together with W. */
const inputPenaltyFor = (shape: TaskShape): number | null =>
  isLargeVocabulary(shape) ? INPUT_PENALTY : null;

function gainFor(shape: TaskShape): number {
  if (shape.readout === 'every') return 1;
  const steps = isLargeVocabulary(shape) ? RARE_STEPS_THAT_ADD_UP : STEPS_THAT_ADD_UP;
  return Math.min(1, steps / shape.timeSteps);
}

/** μ by the form of the inputs and the mode. */
const momentumFor = ({ input }: TaskShape, { mode }: RunConfig['consensus']): number =>
  input.kind === 'oneHot' && mode === 'sync' ? IDS_MOMENTUM : MOMENTUM;

/** The config with every default that the data decide; what the user wrote stays. */
export function resolveConfig(config: RunConfig, shape: TaskShape): RunConfig {
  const {
    recurrent = recurrentPenaltyFor(shape),
    readout,
    input = inputPenaltyFor(shape),
  } = config.solver.penalty;
  const { gain = gainFor(shape) } = config.solver;
  const { momentum = momentumFor(shape, config.consensus) } = config.consensus;
  return {
    ...config,
    solver: { ...config.solver, gain, penalty: { recurrent, readout, input } },
    consensus: { ...config.consensus, momentum },
  };
}

/** σ of the first subproblems; where {@link resolveConfig} has not seen any data, the largest. */
export function initialPenalties({ solver }: RunConfig): GroupPenalties {
  const { recurrent = LARGEST_PENALTY, readout, input } = solver.penalty;
  return { recurrent, readout, input: input ?? recurrent };
}

/** μ; where {@link resolveConfig} has not seen any data, that of dense inputs. */
export const momentumOf = ({ consensus }: RunConfig): number => consensus.momentum ?? MOMENTUM;

/** λ of weight decay by group: what the config says, for all of them alike, or its default beside the first σ. */
export function weightDecays(config: RunConfig): GroupPenalties {
  const { recurrent, readout, input } = initialPenalties(config);
  const decayBeside = (sigma: number): number => config.consensus.weightDecay ?? DECAY_PER_PENALTY * sigma;
  return { recurrent: decayBeside(recurrent), readout: decayBeside(readout), input: decayBeside(input) };
}
