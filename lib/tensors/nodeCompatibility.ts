import { createRequire } from 'node:module';

/**
 * Puts back `util.isNullOrUndefined`, which Node 23 removed and @tensorflow/tfjs-node 4.22 still calls.
 * Must run before that package is loaded. Does nothing where Node still has it.
 *
 * Source: https://nodejs.org/api/deprecations.html#DEP0051
 */
export function restoreRemovedUtilities(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown): boolean => value === null || value === undefined;
}
