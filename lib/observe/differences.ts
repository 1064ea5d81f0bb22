/** In what the configs of runs differ. */
import type { RunConfig } from '../protocol/config.ts';

/** An option, and its value in each config as JSON; null where a config has no such option. */
export interface Difference {
  /** Dotted path of the option. */
  readonly field: string;
  readonly values: readonly (string | null)[];
}

function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return value === undefined ? [] : [[path, JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, path === '' ? name : `${path}.${name}`),
  );
}

/** The options that are not the same in all configs, in the order in which they are first met. */
export function configDifferences(configs: readonly RunConfig[]): Difference[] {
  const tables = configs.map((config) => new Map(leaves(config, '')));
  const fields = [...new Set(tables.flatMap((table) => [...table.keys()]))];
  return fields
    .map((field) => ({ field, values: tables.map((table) => table.get(field) ?? null) }))
    .filter(({ values }) => new Set(values).size > 1);
}
