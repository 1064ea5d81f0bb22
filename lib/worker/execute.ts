/** From a task to the message that answers it. */

import type { MeteredObjectStore } from '../cloud/meteredObjectStore.ts';
import { encodeParameterSet } from '../codec/parameterSets.ts';
import { IntegrityError } from '../errors.ts';
import type { WorkerInfo } from '../protocol/figures.ts';
import { newNonce } from '../protocol/ids.ts';
import {
  type EvaluateResult,
  type EvaluateTask,
  PROTOCOL_VERSION,
  type Refusal,
  type SolveResult,
  type SolveTask,
  type Task,
} from '../protocol/messages.ts';
import { evaluate } from '../rnn/evaluate.ts';
import { NumericalError } from '../tensors/numericalError.ts';
import { viewParameters } from '../tensors/parameters.ts';
import { unlessAborted } from './handBack.ts';
import { chunksOf } from './partTensors.ts';
import { fetchSolveInputs, solve } from './solve.ts';
import type { RunContext, Workspace } from './workspace.ts';

/** Samples in one forward pass of an evaluation: bounds the memory of its states. */
const EVALUATION_CHUNK_SAMPLES = 1000;
const MAX_REASON_LENGTH = 1000;

export type Answer = SolveResult | EvaluateResult | Refusal;

export interface Executor {
  readonly workspace: Workspace;
  /** The store that the workspace reads and writes through. */
  readonly meter: MeteredObjectStore;
  readonly worker: WorkerInfo;
  /** Aborted: a task that is not being solved yet is handed back. */
  readonly signal?: AbortSignal;
  /** What solves subproblems: {@link solve}, unless what is around it is to be measured. */
  readonly solver?: typeof solve;
}

/** Measures the phases of a task as it goes through them. */
class Stopwatch {
  readonly startedAtMs = Date.now();
  readonly seconds = { fetch: 0, solve: 0, upload: 0 };
  #lapMs = performance.now();

  /** Ends a phase: the time since the last one is its. */
  lap(phase: 'fetch' | 'solve' | 'upload'): void {
    const nowMs = performance.now();
    this.seconds[phase] = (nowMs - this.#lapMs) / 1000;
    this.#lapMs = nowMs;
  }
}

async function answerSolve(
  { workspace, signal, solver = solve }: Executor,
  context: RunContext,
  task: SolveTask,
  watch: Stopwatch,
) {
  const inputs = await unlessAborted(fetchSolveInputs(workspace, context, task), signal);
  watch.lap('fetch');
  const { contribution, figures } = solver(context, task, inputs);
  watch.lap('solve');
  const stored = await workspace.storeContribution(context, task.shard, task.version, contribution);
  watch.lap('upload');
  return { kind: 'solve' as const, ...stored, figures };
}

async function answerEvaluate(
  { workspace, signal }: Executor,
  context: RunContext,
  task: EvaluateTask,
  watch: Stopwatch,
) {
  const inputs = Promise.all([
    workspace.part(context, task.kind === 'test' ? 'test' : 'validation', 0),
    workspace.version(context, task.from, 'consensus'),
  ]);
  const [part, z] = await unlessAborted(inputs, signal);
  watch.lap('fetch');
  const metrics = evaluate(context.network, z, chunksOf(context.network, part, EVALUATION_CHUNK_SAMPLES));
  watch.lap('solve');
  // Says which parameters the run's figures belong to, in whatever form they are stored.
  const named = task.kind === 'test' ? { digest: encodeParameterSet(viewParameters(z), 1).digest() } : {};
  return { kind: task.kind, metrics, ...named };
}

/** What these bytes have no answer to is refused, for the coordinator to decide; all else is worth another try here. */
function refusalOf(task: Task, error: unknown) {
  if (!(error instanceof NumericalError || error instanceof IntegrityError)) throw error;
  const cause = error instanceof NumericalError ? ('notFinite' as const) : ('unreadable' as const);
  const reason = error.message.slice(0, MAX_REASON_LENGTH);
  return { kind: 'refusal' as const, of: task.kind, cause, reason };
}

/**
 * Does a task and makes its answer. A solution is uploaded before this resolves.
 *
 * @throws the signal's reason where the task is to be handed back; UnknownRunError where the run was deleted; SDK errors where the store failed after its retries.
 */
export async function execute(executor: Executor, task: Task): Promise<Answer> {
  const { workspace, meter, worker } = executor;
  const context = await workspace.context(task.run);
  const watch = new Stopwatch();
  const before = { readBytes: meter.readBytes, writtenBytes: meter.writtenBytes };
  const work = task.kind === 'solve' ? answerSolve : answerEvaluate;
  const answer = await work(executor, context, task as SolveTask & EvaluateTask, watch).catch(
    (error: unknown) => refusalOf(task, error),
  );
  const { run, version, shard, attempt } = task;
  return {
    ...{ schema: PROTOCOL_VERSION, run, version, shard, attempt, nonce: newNonce(), worker },
    startedAtMs: watch.startedAtMs,
    finishedAtMs: Date.now(),
    seconds: watch.seconds,
    transferred: {
      readBytes: meter.readBytes - before.readBytes,
      writtenBytes: meter.writtenBytes - before.writtenBytes,
    },
    ...answer,
  };
}
