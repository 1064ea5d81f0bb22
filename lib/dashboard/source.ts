/** Where a dashboard finds the runs that it shows. */
import type { QueueDepths } from '../client/queueDepths.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';

/** What a person may ask of a run from the page. */
export const controlActions = ['pause', 'resume', 'stop'] as const;
export type ControlAction = (typeof controlActions)[number];

/** The runs of a place while they are looked at. */
export interface OpenRuns {
  readonly store: ObjectStore;
  /** null where nobody has the queues open. */
  readonly queueDepths: (() => Promise<QueueDepths>) | null;
}

/** A task, as logs name it. */
export interface LoggedTask {
  readonly run: string;
  /** Solved from, or measured. */
  readonly version: number;
  /** null of an evaluation. */
  readonly shard: number | null;
}

/** A line that a process wrote about a task. */
export interface LogLine {
  /** Name of the log: of a worker, or of a function. */
  readonly source: string;
  /** ISO 8601. */
  readonly at: string;
  readonly level: string;
  readonly message: string;
  /** What else the line says, as JSON. */
  readonly details: string;
}

/** What logs say of a task; or, where they are kept elsewhere, how to find it there. */
export type TaskLog = { readonly lines: readonly LogLine[] } | { readonly elsewhere: string };

/** A directory of this machine or a deployment. */
export interface RunSource {
  /** The directory's path, or `stack padmm in us-east-1`. */
  readonly name: string;
  /** Time between two looks while somebody works on the runs. */
  readonly pollMs: number;
  /** Whether somebody does: nothing changes by itself otherwise. Costs next to nothing. */
  isLive(): Promise<boolean>;
  /** Does `work` with the runs; null where there never were any. */
  look<T>(work: (runs: OpenRuns) => Promise<T>): Promise<T | null>;
  /** Asks something of a run. @throws PadmmError that says why it cannot be asked. */
  ask(run: string, action: ControlAction): Promise<void>;
  /** What logs say of a task. */
  log(task: LoggedTask): Promise<TaskLog>;
}
