/** All figures, under the names that `--only` takes, in the order in which they are measured. */
import type { FigureGroup } from './figure.ts';
import { growth } from './figures/growth.ts';
import { orchestration } from './figures/orchestration.ts';
import { products } from './figures/products.ts';
import { subproblems } from './figures/subproblems.ts';

export const groups = {
  subproblems,
  products,
  orchestration,
  growth,
} satisfies Record<string, FigureGroup>;

export type GroupName = keyof typeof groups;
export const groupNames = Object.keys(groups) as GroupName[];
