import type { RunConfig } from '../protocol/config.ts';

/**
 * τ: the largest staleness, (version being formed − 1) − (version solved from), that a contribution may have when it is
 * taken in. 0 in a synchronous run.
 */
export function stalenessLimit({ consensus, shards }: RunConfig): number {
  return consensus.mode === 'sync' ? 0 : (consensus.maxStaleness ?? 2 * shards);
}
