/** What the page says of one run beside its curves. */
import { type Forecast, forecast } from '../client/forecast.ts';
import type { RefusedResult } from '../client/refusedResults.ts';
import { type Figure, headlineFigures } from '../observe/report/figures.ts';
import { type RunRow, runRow } from '../observe/runList.ts';
import type { RunView } from '../observe/runView.ts';
import { isEnded, type OutstandingTask, type RunState, type ShardState } from '../protocol/state.ts';
import type { ControlAction } from './source.ts';

/** A task that is out, or waits to be sent again. */
export interface WaitingTask {
  readonly kind: 'solve' | 'evaluate' | 'test';
  /** Of a subproblem; null of an evaluation. */
  readonly shard: number | null;
  readonly version: number;
  /** Times it was sent before. */
  readonly attempt: number;
  /** Bad answers and expired leases. */
  readonly failures: number;
  readonly backedUp: boolean;
  readonly dispatchedAtMs: number;
}

/** One value a shard in each column; null where there is none yet. */
export interface ShardColumns {
  /** Of the newest contribution taken in: versions that it was behind. */
  readonly staleness: readonly (number | null)[];
  /** Versions between the newest and the one that the contribution in the sum was solved from. */
  readonly age: readonly (number | null)[];
  /** Of the newest answer. */
  readonly seconds: readonly (number | null)[];
  /** Shards that are in neither the sum nor the weights, and why. */
  readonly absent: readonly { readonly shard: number; readonly reason: string }[];
}

export interface RunPicture {
  readonly row: RunRow;
  /** Whether somebody takes messages in. */
  readonly live: boolean;
  readonly figures: readonly Figure[];
  readonly forecast: Forecast;
  /** USD that the run may cost; null for no limit. */
  readonly limitUsd: number | null;
  readonly counters: RunState['counters'];
  /** What may be asked of the run now. */
  readonly actions: readonly ControlAction[];
  readonly shards: ShardColumns;
  /** Those that wait longest first, as many as {@link SHOWN_TASKS}. */
  readonly waiting: readonly WaitingTask[];
  readonly waitingCount: number;
  /** The newest first, as many as {@link SHOWN_REFUSED}. */
  readonly refused: readonly RefusedResult[];
  /** Records of the history that are still to be read. */
  readonly unread: number;
  /** The config with every default, as indented JSON. */
  readonly config: string;
}

const SHOWN_TASKS = 12;
const SHOWN_REFUSED = 20;

/** What a run can be asked for in its status. */
export function actionsFor(status: RunState['status']): ControlAction[] {
  if (status === 'running') return ['pause', 'stop'];
  return status === 'paused' ? ['resume', 'stop'] : [];
}

function waitingTasks({ shards, evaluations }: RunState): WaitingTask[] {
  const about = ({ version, attempt, failures, backedUp, dispatchedAtMs }: OutstandingTask) => {
    return { version, attempt, failures, backedUp, dispatchedAtMs };
  };
  const solves = shards.flatMap(({ task }, shard): WaitingTask[] =>
    task === null ? [] : [{ kind: 'solve', shard, ...about(task) }],
  );
  const others = evaluations.outstanding.map((task): WaitingTask => {
    return { kind: task.kind, shard: null, ...about(task) };
  });
  return [...solves, ...others].sort((a, b) => a.dispatchedAtMs - b.dispatchedAtMs);
}

function shardColumns({ shards, version }: RunState): ShardColumns {
  const contributed = (value: (taken: NonNullable<ShardState['contribution']>) => number) =>
    shards.map(({ contribution }) => (contribution === null ? null : value(contribution)));
  return {
    staleness: contributed((taken) => taken.anchor - 1 - taken.version),
    age: contributed((taken) => version - taken.version),
    seconds: shards.map(({ seconds }) => seconds),
    absent: shards.flatMap(({ absence }, shard) => (absence ? [{ shard, reason: absence.reason }] : [])),
  };
}

/** Makes the picture of a run. @throws IntegrityError where the state does not list the version it chose. */
export function runPicture(
  { config, state }: Pick<RunView, 'config' | 'state'>,
  { live, unread, refused }: Pick<RunPicture, 'live' | 'unread' | 'refused'>,
): RunPicture {
  const waiting = isEnded(state.status) ? [] : waitingTasks(state);
  return {
    row: runRow({ config, state }),
    live,
    figures: headlineFigures({ config, state }),
    forecast: forecast({ config, state }),
    limitUsd: state.budget.maxCostUsd ?? config.stop.maxCostUsd,
    counters: state.counters,
    actions: actionsFor(state.status),
    shards: shardColumns(state),
    waiting: waiting.slice(0, SHOWN_TASKS),
    waitingCount: waiting.length,
    refused: refused.toSorted((a, b) => b.refusedAtMs - a.refusedAtMs).slice(0, SHOWN_REFUSED),
    unread,
    config: JSON.stringify(config, null, 2),
  };
}
