import type { Residuals } from '../protocol/history.ts';
import type { RunEvent, StoredVersion } from '../protocol/messages.ts';

/** The fold that `advance` asked for was carried out: a new version lies in the store. */
export interface Formed {
  readonly kind: 'formed';
  readonly stored: StoredVersion;
  readonly residuals: Residuals;
}

/** A contribution that an answer pointed to is missing, corrupt or not finite; the fold was not carried out. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly shard: number;
  readonly reason: string;
}

/** What `advance` reacts to: messages from outside, and the outcome of a fold. */
export type CoordinatorEvent = RunEvent | Formed | Unreadable;
