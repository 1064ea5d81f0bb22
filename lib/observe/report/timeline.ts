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
  /** Where the first task shown begins, else 0: milliseconds from the creation of the run, as all times here. */
  readonly fromMs: number;
  /** To the last answer. */
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
  /** 1 for a straggler: it took as long as gives a task a second worker, measured by the others of its version. */
  readonly slow: readonly (0 | 1)[];
  /** When results were set aside because they could not be used. */
  readonly refusedMs: readonly number[];
}

/** What a timeline shows beside the history. */
export interface TimelineOptions {
  /** Begins with the first task in the history rather than with the run: for a part of it. */
  readonly part?: boolean;
  readonly refusedAtMs?: readonly number[];
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

const durationOf = ({ startedAtMs, finishedAtMs }: Span): number => Math.max(0, finishedAtMs - startedAtMs);

/** Factor of a straggler where the config gives none a second worker. */
const SLOW_FACTOR = 3;

/** Tells the stragglers among tasks of the same version, by the rule of the config's `faults`. */
function slowTasks(spans: readonly Span[], { faults }: RunView['config']): Set<Span> {
  const solves = spans.filter(({ shard }) => shard !== EVALUATION);
  const byVersion = Map.groupBy(solves, ({ version }) => version);
  return new Set(
    [...byVersion.values()].flatMap((tasks) => {
      const durations = tasks.map(durationOf).sort((a, b) => a - b);
      const quantile = durations[Math.ceil(faults.backupQuantile * durations.length) - 1] ?? 0;
      const limitMs = (faults.backupFactor ?? SLOW_FACTOR) * quantile;
      return tasks.filter((task) => durationOf(task) > limitMs);
    }),
  );
}

/** The timeline of a run; null before any task was answered. */
export function makeTimeline(view: RunView, options: TimelineOptions = {}): Timeline | null {
  const { part = false, refusedAtMs = [] } = options;
  const spans = spansOf(view);
  const first = spans[0];
  if (first === undefined) return null;
  // A worker's clock may be behind the one that dated the run.
  const zeroMs = Math.min(view.state.createdAtMs, first.startedAtMs);
  const workers = [...new Set(spans.map(({ worker }) => worker))].sort(compareIds);
  const rows = new Map(workers.map((worker, row) => [worker, row]));
  const slow = slowTasks(spans, view.config);
  const fromMs = part ? first.startedAtMs - zeroMs : 0;
  return {
    workers,
    shards: view.state.shards.length,
    fromMs,
    spanMs: spans.reduce((last, { finishedAtMs }) => Math.max(last, finishedAtMs), zeroMs) - zeroMs,
    worker: spans.map(({ worker }) => rows.get(worker) as number),
    shard: spans.map(({ shard }) => shard),
    version: spans.map(({ version }) => version),
    attempt: spans.map(({ attempt }) => attempt),
    startMs: spans.map(({ startedAtMs }) => startedAtMs - zeroMs),
    durationMs: spans.map(durationOf),
    slow: spans.map((span) => (slow.has(span) ? 1 : 0)),
    refusedMs: refusedAtMs.map((timeMs) => timeMs - zeroMs).filter((timeMs) => timeMs >= fromMs),
  };
}

function totalsOf(worker: string, spans: readonly Span[], arrivals: readonly Arrival[]): WorkerTotals {
  const solved = spans.filter(({ shard }) => shard !== EVALUATION);
  const busyMs = spans.reduce((sum, span) => sum + durationOf(span), 0);
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
