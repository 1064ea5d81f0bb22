import { compareOnTasks } from './studies/comparison.ts';
import { followConvergence } from './studies/convergence.ts';
import { holdGoals } from './studies/goals.ts';
import { varyInitialWeights } from './studies/initialWeights.ts';
import { varySequenceLength } from './studies/sequenceLength.ts';
import { varyShards } from './studies/shards.ts';
import { holdUpShards } from './studies/stragglers.ts';
import type { Study } from './studies/study.ts';

/** The studies by the name that `--only` calls them, in the order of the document. */
export const studies = {
  goals: holdGoals,
  tasks: compareOnTasks,
  'initial-weights': varyInitialWeights,
  'sequence-length': varySequenceLength,
  shards: varyShards,
  stragglers: holdUpShards,
  convergence: followConvergence,
} as const satisfies Readonly<Record<string, Study>>;

export type StudyName = keyof typeof studies;
export const studyNames = Object.keys(studies) as StudyName[];
