import { Command } from 'commander';
import { submitRun } from '../../client/submit.ts';
import type { LocalDeployment } from '../../emulator/localDeployment.ts';
import { UsageError } from '../../errors.ts';
import { readRunHead } from '../../observe/runView.ts';
import { type RunSummary, summarise } from '../../observe/summary.ts';
import type { RunConfig } from '../../protocol/config.ts';
import { interruptible } from '../interruption.ts';
import { followToEnd, type LocalOptions, withLocalDeployment } from '../localRun.ts';
import { directoryOption, jsonOption, localOption, portOption, workersOption } from '../options.ts';
import { note, printJson } from '../output.ts';
import { type RunOutputs, writeOutputs } from '../outputs.ts';
import { createProgress } from '../progress.ts';
import { readRunConfig } from '../readConfig.ts';

interface TrainOptions extends LocalOptions {
  readonly local?: true;
  readonly data?: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  padmm train examples/quickstart.json --local
  padmm train examples/mnist.json --local --data DIR --json`;

/** Says on stderr what a run came to and where its files are. */
export function noteOutcome(summary: RunSummary, { model, report }: RunOutputs): void {
  const accuracy =
    summary.accuracy === null ? '' : `, test accuracy ${(100 * summary.accuracy).toFixed(2)} %`;
  note(
    `${summary.run}: ${summary.status} after ${summary.rounds} rounds${accuracy}, ${summary.seconds.toFixed(1)} s`,
  );
  note(`model:  ${model}`);
  note(`report: ${report}`);
}

/** Follows a run to its end, writes its outputs, and says or prints what it came to. */
export async function finishLocally(
  local: LocalDeployment,
  config: RunConfig,
  run: string,
  options: LocalOptions & { readonly json?: true },
  signal: AbortSignal,
): Promise<void> {
  const progress = createProgress(config);
  const startedAtMs = performance.now();
  try {
    await followToEnd(local, run, progress, signal);
  } finally {
    progress.end();
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  const { store } = local.connection;
  const summary = summarise(await readRunHead(store, run), { workers: options.workers, seconds });
  noteOutcome(summary, await writeOutputs(store, run, options.dir));
  if (options.json) printJson(summary);
}

async function submitLocally(
  local: LocalDeployment,
  config: RunConfig,
  data: string | undefined,
): Promise<string> {
  const progress = createProgress(config);
  try {
    const { run } = await submitRun(local.connection, {
      config,
      ...(data === undefined ? {} : { dataDirectory: data }),
      onProgress: ({ activity, done, total }) => progress.activity(`${activity}: ${done}/${total}`),
    });
    return run;
  } finally {
    progress.end();
  }
}

async function train(path: string, options: TrainOptions): Promise<void> {
  const config = await readRunConfig(path);
  if (!options.local)
    throw new UsageError('train: expected --local, received nothing: it trains on this machine');
  let run: string | undefined;
  await interruptible(
    (signal) =>
      withLocalDeployment(options, config, async (local) => {
        run = await submitLocally(local, config, options.data);
        note(`run ${run}`);
        await finishLocally(local, config, run, options, signal);
      }),
    () =>
      run === undefined
        ? 'interrupted before the run began'
        : `interrupted; go on with: padmm resume ${run} --local --dir ${options.dir}`,
  );
}

/** `padmm train CONFIG`: submits a run, watches it, and leaves model and report. */
export const trainCommand = (): Command =>
  new Command('train')
    .description('train a model from a run config, and watch it')
    .argument('<config>', 'run config, a JSON file')
    .addOption(localOption())
    .addOption(workersOption())
    .option('--data <directory>', 'directory that holds the files of the dataset')
    .addOption(directoryOption())
    .addOption(portOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(train);
