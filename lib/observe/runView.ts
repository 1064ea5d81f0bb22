import pLimit from 'p-limit';
import { getJson } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { IntegrityError, UsageError } from '../errors.ts';
import { type RunConfig, runConfigSchema } from '../protocol/config.ts';
import {
  type EvaluationRecord,
  type HistoryRecord,
  historyRecordSchema,
  type RoundRecord,
} from '../protocol/history.ts';
import { runIdSchema } from '../protocol/ids.ts';
import { runKeys } from '../protocol/keys.ts';
import { type RunState, runStateSchema } from '../protocol/state.ts';

/** All that is known of a run: everything shown of it is made from this alone. */
export interface RunView {
  readonly config: RunConfig;
  readonly state: RunState;
  /** By version, none twice. */
  readonly rounds: readonly RoundRecord[];
  /** By version, validation before test, none twice. */
  readonly evaluations: readonly EvaluationRecord[];
}

/** History objects read at a time: enough to hide latency, few enough to keep memory and sockets in check. */
const PARALLEL_READS = 32;

/** Reads one record. @throws IntegrityError where it is missing or damaged. */
export async function readHistoryObject(store: ObjectStore, key: string): Promise<HistoryRecord> {
  const stored = await getJson(store, key, historyRecordSchema);
  if (stored !== null) return stored.value;
  throw new IntegrityError(key, { field: 'object', expected: 'a history record', received: 'nothing' });
}

async function readHistory(store: ObjectStore, run: string): Promise<HistoryRecord[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(runKeys(run).historyPrefix)) keys.push(key);
  return pLimit(PARALLEL_READS).map(keys, (key) => readHistoryObject(store, key));
}

const identityOf = (record: HistoryRecord): string =>
  record.kind === 'round' ? `${record.version}` : `${record.version}-${record.split}`;

/**
 * Joins what is stored as objects with what the state still carries; a record that is in both counts once.
 * Records newer than the state belong to a later look: a view never shows a round its state does not know.
 */
function joinRecords(stored: readonly HistoryRecord[], state: RunState): HistoryRecord[] {
  const all = [...stored, ...state.unsavedHistory].filter(({ version }) => version <= state.version);
  return [...new Map(all.map((record) => [identityOf(record), record])).values()];
}

/** Versions first; of one version, validation comes before the test that its choice led to. */
export function compareEvaluations(a: EvaluationRecord, b: EvaluationRecord): number {
  return a.version - b.version || b.split.localeCompare(a.split);
}

/** Joins a run's parts to a view. */
export function assembleRunView(
  config: RunConfig,
  state: RunState,
  stored: readonly HistoryRecord[],
): RunView {
  const records = joinRecords(stored, state);
  const rounds = records.filter((record) => record.kind === 'round');
  const evaluations = records.filter((record) => record.kind === 'evaluation');
  return {
    config,
    state,
    rounds: rounds.sort((a, b) => a.version - b.version),
    evaluations: evaluations.sort(compareEvaluations),
  };
}

/** Reads a run's config and state. @throws UsageError where there is no such run; IntegrityError where one is damaged. */
export async function readRunHead(
  store: ObjectStore,
  run: string,
): Promise<Pick<RunView, 'config' | 'state'>> {
  if (!runIdSchema.safeParse(run).success) {
    throw new UsageError(
      `run: expected NAME-ULID, as \`padmm list\` shows it, received ${JSON.stringify(run)}`,
    );
  }
  const keys = runKeys(run);
  const [config, state] = await Promise.all([
    getJson(store, keys.config, runConfigSchema),
    getJson(store, keys.state, runStateSchema),
  ]);
  if (config !== null && state !== null) return { config: config.value, state: state.value };
  const missing = config === null ? keys.config : keys.state;
  throw new UsageError(
    `run ${run}: expected an object ${missing}, received nothing: there is no such run here`,
  );
}

/**
 * Reads a run with its history, running or ended. The state is read before the history is listed: the records of every
 * revision before that state's are stored by then, and its own are in the state itself.
 *
 * @throws UsageError where there is no such run; IntegrityError naming the object and field that is damaged.
 */
export async function readRun(store: ObjectStore, run: string): Promise<RunView> {
  const { config, state } = await readRunHead(store, run);
  return assembleRunView(config, state, await readHistory(store, run));
}
