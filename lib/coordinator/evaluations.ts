/** Validation metrics choose the model; the test split is measured once, for the model chosen. */
import { HISTORY_SCHEMA } from '../protocol/history.ts';
import type { EvaluateResult } from '../protocol/messages.ts';
import type { MeasuredVersion } from '../protocol/state.ts';
import type { Draft } from './advance.ts';
import { STOPPED_ON_REQUEST } from './endings.ts';

/** Lower validation loss wins; ties go to the lower version, so that the order of arrival does not matter. */
function better(a: MeasuredVersion, b: MeasuredVersion | null): boolean {
  if (b === null) return true;
  return a.metrics.loss < b.metrics.loss || (a.metrics.loss === b.metrics.loss && a.version < b.version);
}

/** The losses that later decisions may look at, in the order of versions, whatever the order of arrival. */
function curveWith(
  { config, state }: Pick<Draft, 'config' | 'state'>,
  { version, metrics }: MeasuredVersion,
) {
  const { everyRounds, delayRounds } = config.evaluation;
  const span = 2 * (config.stop.plateau?.evaluations ?? 0) * everyRounds + delayRounds;
  return [...state.evaluations.curve, { version, loss: metrics.loss }]
    .filter((point) => point.version > state.version - span)
    .sort((a, b) => a.version - b.version);
}

/** The versions with the lowest losses, the lowest first, whatever the order of arrival; z_0 is none of them. */
function lowestWith({ config, state }: Pick<Draft, 'config' | 'state'>, measured: MeasuredVersion) {
  const candidates = [
    ...state.evaluations.lowest,
    { version: measured.version, loss: measured.metrics.loss },
  ];
  return candidates
    .filter(({ version }) => version > 0)
    .sort((a, b) => a.loss - b.loss || a.version - b.version)
    .slice(0, config.consensus.averagedVersions);
}

function takeInValidation({ config, state }: Draft, measured: MeasuredVersion): void {
  const { evaluations } = state;
  // The closing average is a candidate, but no version that a round formed.
  const isRound = measured.version <= state.version;
  if (isRound && measured.version >= (evaluations.latest?.version ?? 0)) evaluations.latest = measured;
  if (better(measured, evaluations.best)) evaluations.best = measured;
  if (isRound) {
    evaluations.curve = curveWith({ config, state }, measured);
    evaluations.lowest = lowestWith({ config, state }, measured);
  }
  const target = config.stop.targetAccuracy;
  if (target !== undefined && (measured.metrics.accuracy ?? 0) >= target) {
    evaluations.targetReached = Math.min(measured.version, evaluations.targetReached ?? measured.version);
  }
}

function takeInTest({ state }: Draft, result: EvaluateResult): void {
  if (state.model === null) return;
  state.model.test = result.metrics;
  state.model.digest = result.digest ?? null;
  state.status = state.reason === STOPPED_ON_REQUEST ? 'stopped' : 'done';
}

/** Metrics of one version: counted once, whatever is delivered how often. */
export function takeInEvaluation(draft: Draft, result: EvaluateResult): void {
  const { state } = draft;
  const at = state.evaluations.outstanding.findIndex(
    (task) => task.kind === result.kind && task.version === result.version,
  );
  if (at < 0) {
    state.counters.duplicates += 1;
    return;
  }
  state.evaluations.outstanding.splice(at, 1);
  const { version, metrics, startedAtMs, finishedAtMs } = result;
  const split = result.kind === 'test' ? 'test' : 'validation';
  state.unsavedHistory.push({
    schema: HISTORY_SCHEMA,
    kind: 'evaluation',
    split,
    version,
    metrics,
    worker: result.worker.id,
    startedAtMs,
    finishedAtMs,
  });
  if (split === 'test') takeInTest(draft, result);
  else takeInValidation(draft, { version, metrics });
}
