/** Measures the groups of `npm run bench`. */
import { type GroupName, groups } from './groups.ts';
import { type MeasureOptions, measureGroups } from './measureGroups.ts';
import type { Results } from './results.ts';

/** Gives all results so far after each group. */
export const measure = (options: MeasureOptions<GroupName>): AsyncGenerator<Results> =>
  measureGroups(groups, options);
