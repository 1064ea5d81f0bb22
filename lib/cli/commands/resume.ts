import { Command } from 'commander';
import { controlRun } from '../../client/control.ts';
import { UsageError } from '../../errors.ts';
import { readRunHead } from '../../observe/runView.ts';
import type { RunConfig } from '../../protocol/config.ts';
import { interruptible } from '../interruption.ts';
import { finishLocally, type LocalOptions, withLocalDeployment } from '../localRun.ts';
import { howToGoOn, withRuns } from '../localRuns.ts';
import { directoryOption, jsonOption, localOption, portOption, workersOption } from '../options.ts';
import { note } from '../output.ts';
import { findRun, runArgument } from '../runArgument.ts';
import { refuseEnded } from '../sessionRun.ts';
import { watchRun } from '../watchRun.ts';

interface ResumeOptions extends LocalOptions {
  readonly local?: true;
  readonly json?: true;
}

const EXAMPLES = `
Where a session trains in the directory already, it is asked to go on with the run, and is watched.

Examples:
  padmm resume latest --local
  padmm resume quickstart --local --workers 4`;

interface Resumed {
  readonly run: string;
  readonly config: RunConfig;
  /** Whether a session has taken the message. */
  readonly asked: boolean;
}

/** Finds the run, and asks the session for it if there is one. */
function askToResume(word: string, { dir }: ResumeOptions): Promise<Resumed> {
  return withRuns(dir, async ({ connection: { store, results }, live }) => {
    const run = await findRun(store, word);
    const { config, state } = await readRunHead(store, run);
    refuseEnded(state);
    if (live) await controlRun(results, run, 'resume');
    return { run, config, asked: live };
  });
}

async function resume(word: string, options: ResumeOptions): Promise<void> {
  if (!options.local)
    throw new UsageError('resume: expected --local, received nothing: it trains on this machine');
  const { run, config, asked } = await askToResume(word, options);
  if (asked) {
    note(`asked the session that trains in ${options.dir} to go on with ${run}`);
    return watchRun(run, config, options);
  }
  await interruptible(
    (signal) =>
      withLocalDeployment(options, config, async (local) => {
        await controlRun(local.connection.results, run, 'resume');
        await finishLocally(local, config, run, options, signal);
      }),
    () => `interrupted; ${howToGoOn(run, options.dir)}`,
  );
}

/** `padmm resume RUN`: goes on with a run that was paused or interrupted. */
export const resumeCommand = (): Command =>
  new Command('resume')
    .addArgument(runArgument())
    .addOption(localOption())
    .addOption(workersOption())
    .addOption(directoryOption())
    .addOption(portOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(resume);
