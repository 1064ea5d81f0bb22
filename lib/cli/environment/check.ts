/** What a check of the environment came to. */
export type CheckStatus = 'ok' | 'warn' | 'fail';

/** One thing a run needs (`fail` where it is missing) or is better for (`warn`). */
export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** What was seen: a version, a size, the reason of a failure. */
  readonly found: string;
  /** What the user can do about it; null where nothing is to be done. */
  readonly remedy: string | null;
}

export const ok = (name: string, found: string): Check => ({ name, status: 'ok', found, remedy: null });

export const warn = (name: string, found: string, remedy: string): Check => ({
  name,
  status: 'warn',
  found,
  remedy,
});

export const fail = (name: string, found: string, remedy: string): Check => ({
  name,
  status: 'fail',
  found,
  remedy,
});

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
