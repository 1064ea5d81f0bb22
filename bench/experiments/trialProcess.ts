/** A process of the pool: does the trial that each message asks for, on one thread, and ends with its parent. */
import { PadmmError } from '../../lib/errors.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import type { Result, Trial } from './trial.ts';
import { runBaseline } from './trials/baseline.ts';
import { runPadmm } from './trials/padmm.ts';
import { PreparedData } from './trials/preparedData.ts';
import { runProcesses } from './trials/processes.ts';
import { runSignal } from './trials/signal.ts';

/** Trials of every process compute on one thread, so that their seconds compare. */
const THREADS = 1;

export interface TrialRequest {
  readonly trial: Trial;
  /** Of the data files. */
  readonly dataDirectory: string | undefined;
}

/** What is sent back. */
export type TrialReply =
  | { readonly result: Result; readonly failure?: never }
  | { readonly failure: string; readonly result?: never };

let kept: { readonly directory: string | undefined; readonly data: PreparedData } | null = null;

function dataOf(directory: string | undefined): PreparedData {
  if (kept === null || kept.directory !== directory) kept = { directory, data: new PreparedData(directory) };
  return kept.data;
}

/** Runs a trial. @throws as the data's loaders and the trainers do. */
async function runTrial({ trial, dataDirectory }: TrialRequest): Promise<Result> {
  if (trial.kind === 'processes') return runProcesses(dataDirectory, trial);
  const backend = await loadBackend({ threads: THREADS });
  const data = dataOf(dataDirectory);
  if (trial.kind === 'baseline') return runBaseline(backend, data, trial);
  if (trial.kind === 'signal') return runSignal(backend, data, trial);
  return runPadmm(backend, data, trial);
}

async function answer(request: TrialRequest): Promise<TrialReply> {
  try {
    return { result: await runTrial(request) };
  } catch (error) {
    // What the project raises says enough by its message; for a defect, the place matters.
    return { failure: error instanceof PadmmError ? error.message : String((error as Error).stack ?? error) };
  }
}

process.on('message', async (request: TrialRequest) => {
  const reply = await answer(request);
  // The parent may have ended while this process computed.
  if (process.connected) process.send?.(reply);
});
process.on('disconnect', () => process.exit());
