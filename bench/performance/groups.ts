/** All figures, under the names that `--only` takes, in the order in which they are measured. */
import type { FigureGroup } from './figure.ts';
import { coldStart } from './figures/coldStart.ts';
import { coordinatorTurn } from './figures/coordinatorTurn.ts';
import { emptyRounds } from './figures/emptyRounds.ts';
import { fold } from './figures/fold.ts';
import { growth } from './figures/growth.ts';
import { memory } from './figures/memory.ts';
import { orchestration } from './figures/orchestration.ts';
import { payload } from './figures/payload.ts';
import { peerSteps } from './figures/peerSteps.ts';
import { products } from './figures/products.ts';
import { subproblems } from './figures/subproblems.ts';
import { timeToAccuracy } from './figures/timeToAccuracy.ts';

export const groups = {
  subproblems,
  peers: peerSteps,
  products,
  accuracy: timeToAccuracy,
  orchestration,
  turn: coordinatorTurn,
  fold,
  rounds: emptyRounds,
  payload,
  memory,
  growth,
  start: coldStart,
} satisfies Record<string, FigureGroup>;

export type GroupName = keyof typeof groups;
export const groupNames = Object.keys(groups) as GroupName[];
