/** What is sent out next: subproblems to idle shards, evaluations of due versions, and the end of a run. */
import { isPlateau } from '../consensus/stopping.ts';
import type { RunState, ShardState } from '../protocol/state.ts';
import type { Draft } from './advance.ts';
import { awaitsAverage } from './closing.ts';
import { finish } from './endings.ts';
import { roundLimit } from './limits.ts';
import { newSolveTask, newTask } from './tasks.ts';

function evaluate(draft: Draft, kind: 'evaluate' | 'test', version: number): void {
  draft.state.evaluations.outstanding.push({ ...newTask(draft, version), kind });
}

/** Whether version v was, or is being, measured on validation data. */
function isEvaluated({ state }: Draft, version: number): boolean {
  const { outstanding, latest, best } = state.evaluations;
  const measured = latest?.version === version || best?.version === version;
  return measured || outstanding.some((task) => task.kind === 'evaluate' && task.version === version);
}

/**
 * A decision drawn from the evaluation of version e takes effect at version e + d, neither earlier nor later, so that
 * it does not depend on when the evaluation came back: from e + d on, rounds wait for it.
 */
function decisionOf({ config, state }: Draft): 'go' | 'wait' | { readonly stop: string } {
  const maxRounds = roundLimit({ config, state });
  const { targetAccuracy, plateau } = config.stop;
  if (state.version >= maxRounds) return { stop: `${maxRounds} rounds` };
  if (state.converged !== null) return { stop: `residuals within tolerance at version ${state.converged}` };
  if (targetAccuracy === undefined && plateau === null) return 'go';
  const decidable = state.version - config.evaluation.delayRounds;
  const { outstanding, targetReached } = state.evaluations;
  if (outstanding.some((task) => task.kind === 'evaluate' && task.version <= decidable)) return 'wait';
  if (targetReached !== null && targetReached <= decidable) {
    return { stop: `accuracy ${targetAccuracy} reached at version ${targetReached}` };
  }
  const losses = state.evaluations.curve
    .filter(({ version }) => version <= decidable)
    .map(({ loss }) => loss);
  if (plateau === null || !isPlateau(losses, plateau.evaluations, plateau.minDecrease)) return 'go';
  return { stop: `plateau: no lower validation loss in ${plateau.evaluations} evaluations` };
}

/** Shards that have nothing to do, where nothing that is being formed is about to give them something. */
function idleShards({ shards, status, fold }: RunState): ShardState[] {
  if (status !== 'running' || fold !== null) return [];
  return shards.filter(
    ({ task, arrival, absence }) => task === null && arrival === null && (absence?.rejoining ?? true),
  );
}

function dispatchRound(draft: Draft): void {
  const { config, state } = draft;
  const idle = idleShards(state);
  if (idle.length === 0) return;
  if (state.version % config.evaluation.everyRounds === 0 && !isEvaluated(draft, state.version)) {
    evaluate(draft, 'evaluate', state.version);
  }
  const decision = decisionOf(draft);
  if (decision === 'go') for (const shard of idle) shard.task = newSolveTask(draft, state.version);
  else if (decision !== 'wait') finish(draft, decision.stop);
}

/** The newest version and the closing average are always candidates; the best of all measured is chosen, and tested once. */
function chooseModel(draft: Draft): void {
  const { state } = draft;
  if (state.model !== null) return;
  const { outstanding, best } = state.evaluations;
  if (!isEvaluated(draft, state.version)) evaluate(draft, 'evaluate', state.version);
  if (outstanding.length > 0 || best === null || awaitsAverage(draft)) return;
  state.model = { version: best.version, validation: best.metrics, test: null, digest: null };
  evaluate(draft, 'test', best.version);
}

/** Brings the draft to rest: everything that can be dispatched or decided now is. */
export function settle(draft: Draft): void {
  dispatchRound(draft);
  if (draft.state.status === 'finishing') chooseModel(draft);
}
