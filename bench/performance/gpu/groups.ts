/** What is measured on a GPU, under the names that `--only` takes. */
import type { FigureGroup } from '../figure.ts';
import { agreement } from './agreement.ts';
import type { GpuOptions } from './device.ts';
import { products } from './products.ts';
import { steps } from './steps.ts';

export const gpuGroupNames = ['agreement', 'steps', 'products'] as const;
export type GpuGroupName = (typeof gpuGroupNames)[number];

export const gpuGroups = (options: GpuOptions): Record<GpuGroupName, FigureGroup> => ({
  agreement: agreement(options),
  steps: steps(options),
  products: products(options),
});
