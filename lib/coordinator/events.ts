import type { Residuals } from '../protocol/history.ts';
import type { RefusalCause, RunEvent, StoredVersion } from '../protocol/messages.ts';

/** The fold that `advance` asked for was carried out: a new version lies in the store. */
export interface Formed {
  readonly kind: 'formed';
  readonly stored: StoredVersion;
  readonly remainderDigest: string | null;
  readonly residuals: Residuals;
}

/** The closing average lies in the store. */
export interface Averaged {
  readonly kind: 'averaged';
  readonly stored: StoredVersion;
}

/** The plan of a fold in blocks lies in the store, under the name of its commit. */
export interface Planned {
  readonly kind: 'planned';
  readonly of: 'round' | 'closing';
  readonly version: number;
  readonly commitId: string;
  readonly digest: string;
}

/** A contribution that counts in the sum is missing, corrupt or not finite; the fold was not carried out. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly shard: number;
  /** Version that the contribution was solved from. */
  readonly version: number;
  readonly cause: RefusalCause;
  readonly reason: string;
}

/** A worker's word that it began a task, as it lies in the store. */
export interface Lease {
  readonly kind: 'solve' | 'evaluate' | 'test';
  readonly version: number;
  readonly shard: number;
  readonly attempt: number;
  readonly startedAtMs: number;
}

/** The watchdog looked: what was begun of what is outstanding, and whether any task waits for a worker. */
export interface Tick {
  readonly kind: 'tick';
  readonly leases: readonly Lease[];
  /** Neither a waiting task nor one in a worker's hands, of any run. */
  readonly queueIsEmpty: boolean;
}

/** What `advance` reacts to: messages from outside, the watchdog, and the outcome of a fold. */
export type CoordinatorEvent = RunEvent | Tick | Formed | Averaged | Planned | Unreadable;
