/** Who worked on what, and when. */
import type { Arrival } from '../../protocol/history.ts';
import type { RunView } from '../runView.ts';

/** In place of a shard: the task was an evaluation. */
export const EVALUATION = -1;

/** Tasks answered, one row of the columns each, in the order of their start. */
export interface Timeline {
  /** Ids in order, `w-2` before `w-10`: rows of the chart. */
  readonly workers: readonly string[];
  readonly shards: number;
  /** From the creation of the run to the last answer. */
  readonly spanMs: number;
  /** Index into `workers`. */
  readonly worker: readonly number[];
  /** Shard solved, or {@link EVALUATION}. */
  readonly shard: readonly number[];
  /** Version solved from, or measured. */
  readonly version: readonly number[];
  /** Above 0 where the task had to be asked again. */
  readonly attempt: readonly number[];
  /** Milliseconds from the creation of the run. */
  readonly startMs: readonly number[];
  readonly durationMs: readonly number[];
}

/** What one worker did over the run. */
export interface WorkerTotals {
  readonly worker: string;
  readonly tasks: number;
  readonly repeated: number;
  readonly evaluations: number;
  readonly shards: number;
  readonly busySeconds: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

interface Span {
  readonly worker: string;
  readonly shard: number;
  readonly version: number;
  readonly attempt: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
}

const arrivalsOf = ({ rounds }: RunView): Arrival[] => rounds.flatMap(({ arrivals }) => arrivals);

function spansOf(view: RunView): Span[] {
  const solves = arrivalsOf(view).map((arrival) => ({ ...arrival, worker: arrival.worker.id }));
  const evaluations = view.evaluations.map((record) => ({ ...record, shard: EVALUATION, attempt: 0 }));
  return [...solves, ...evaluations].sort((a, b) => a.startedAtMs - b.startedAtMs);
}

const compareIds = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** The timeline of a run; null before any task was answered. */
export function makeTimeline(view: RunView): Timeline | null {
  const spans = spansOf(view);
  const first = spans[0];
  if (first === undefined) return null;
  // A worker's clock may be behind the one that dated the run.
  const zeroMs = Math.min(view.state.createdAtMs, first.startedAtMs);
  const workers = [...new Set(spans.map(({ worker }) => worker))].sort(compareIds);
  const rows = new Map(workers.map((worker, row) => [worker, row]));
  return {
    workers,
    shards: view.state.shards.length,
    spanMs: spans.reduce((last, { finishedAtMs }) => Math.max(last, finishedAtMs), zeroMs) - zeroMs,
    worker: spans.map(({ worker }) => rows.get(worker) as number),
    shard: spans.map(({ shard }) => shard),
    version: spans.map(({ version }) => version),
    attempt: spans.map(({ attempt }) => attempt),
    startMs: spans.map(({ startedAtMs }) => startedAtMs - zeroMs),
    durationMs: spans.map(({ startedAtMs, finishedAtMs }) => Math.max(0, finishedAtMs - startedAtMs)),
  };
}

function totalsOf(worker: string, spans: readonly Span[], arrivals: readonly Arrival[]): WorkerTotals {
  const solved = spans.filter(({ shard }) => shard !== EVALUATION);
  const busyMs = spans.reduce((sum, s) => sum + Math.max(0, s.finishedAtMs - s.startedAtMs), 0);
  return {
    worker,
    tasks: solved.length,
    repeated: solved.filter(({ attempt }) => attempt > 0).length,
    evaluations: spans.length - solved.length,
    shards: new Set(solved.map(({ shard }) => shard)).size,
    busySeconds: busyMs / 1000,
    readBytes: arrivals.reduce((sum, { transferred }) => sum + transferred.readBytes, 0),
    writtenBytes: arrivals.reduce((sum, { transferred }) => sum + transferred.writtenBytes, 0),
  };
}

/** What each worker did, in the order of the timeline: the timeline as a table. */
export function workerTotals(view: RunView): WorkerTotals[] {
  const spans = Map.groupBy(spansOf(view), ({ worker }) => worker);
  const arrivals = Map.groupBy(arrivalsOf(view), ({ worker }) => worker.id);
  const ordered = [...spans].sort(([a], [b]) => compareIds(a, b));
  return ordered.map(([worker, own]) => totalsOf(worker, own, arrivals.get(worker) ?? []));
}
