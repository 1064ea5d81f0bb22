/**
 * Tells that a run has ended. A marker in the store says that it was told, so that a message that comes again, a later
 * one, and the watchdog after it tell nothing twice. The event goes first: where a process ends in between, and where
 * coordinator and watchdog come at once, it is told again. At least once, then, and nearly always once.
 */
import type { EventBus } from '../cloud/eventBus.ts';
import { createJson } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import type { RunConfig } from '../protocol/config.ts';
import { runKeys } from '../protocol/keys.ts';
import { RUN_END_SCHEMA, type RunEnd } from '../protocol/runEnd.ts';
import { isEnded, type RunState } from '../protocol/state.ts';
import { costUsd } from './limits.ts';

function bestOf({ model, evaluations }: RunState): RunEnd['best'] {
  if (model) return { version: model.version, validation: model.validation, test: model.test };
  const { best } = evaluations;
  return best && { version: best.version, validation: best.metrics, test: null };
}

/** What is told of a run that has ended. */
export function runEndOf(config: RunConfig, state: RunState): RunEnd {
  return {
    schema: RUN_END_SCHEMA,
    run: state.run,
    status: state.status as RunEnd['status'],
    reason: state.reason,
    rounds: state.version,
    best: bestOf(state),
    costUsd: costUsd(config, state),
    workerSeconds: state.counters.workerSeconds,
    submittedAtMs: state.createdAtMs,
    endedAtMs: state.updatedAtMs,
  };
}

/** Tells of a run's end unless it was told already, or it has not ended. @throws where bus or store failed. */
export async function announceEnd(
  store: ObjectStore,
  bus: EventBus,
  config: RunConfig,
  state: RunState,
): Promise<void> {
  if (!isEnded(state.status)) return;
  const key = runKeys(state.run).announced;
  if ((await store.get(key)) !== null) return;
  const end = runEndOf(config, state);
  await bus.runEnded(end);
  await createJson(store, key, end);
}
