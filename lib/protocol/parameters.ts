import type { ParameterGroup } from './figures.ts';

/**
 * Parameters of the network in the order in which they are stored, as in the paper, with row vectors:
 * s_t = x_t U + h_{t−1} W + b, h_t = f(s_t), o = h V + c.
 */
export const parameterNames = ['U', 'W', 'b', 'V', 'c'] as const;
export type ParameterName = (typeof parameterNames)[number];

const groups: Record<ParameterName, ParameterGroup> = {
  U: 'input',
  W: 'recurrent',
  b: 'recurrent',
  V: 'readout',
  c: 'readout',
};

/** The group whose penalty σ holds for a parameter. */
export const groupOf = (name: ParameterName): ParameterGroup => groups[name];

export const isParameterName = (name: string): name is ParameterName => Object.hasOwn(groups, name);
