import type { Advanced } from './advance.ts';
import type { CoordinatorEvent } from './events.ts';
import { type FoldContext, fold } from './fold.ts';
import { formAverage } from './formAverage.ts';
import { assemble, planAverage, planFold } from './plans.ts';

/**
 * Does what `advance` asks for: forms a version, plans one that is formed in blocks, or puts its blocks together.
 *
 * @returns the outcome, to be given to `advance` as the next event; null where it asks for nothing.
 */
export function carryOut(
  context: Omit<FoldContext, 'part'>,
  { assembly, fold: folding, average }: Advanced,
): Promise<CoordinatorEvent> | null {
  const inBlocks = context.config.consensus.blocks > 1;
  if (assembly !== null) return assemble(context, assembly);
  if (folding !== null) return inBlocks ? planFold(context, folding) : fold(context, folding);
  if (average !== null) return inBlocks ? planAverage(context, average) : formAverage(context, average);
  return null;
}
