import { Command } from 'commander';
import { controlRun } from '../../client/control.ts';
import { readDatasetOf } from '../../client/fork.ts';
import { localCapacity } from '../../client/localCapacity.ts';
import { UsageError } from '../../errors.ts';
import { readRunHead } from '../../observe/runView.ts';
import type { RunConfig } from '../../protocol/config.ts';
import type { DatasetManifest } from '../../protocol/dataset.ts';
import { interruptible } from '../interruption.ts';
import { finishLocally, type LocalOptions, withLocalDeployment } from '../localRun.ts';
import { addPlaceOptions, jsonOption, localOption, portOption, workersOption } from '../options.ts';
import { note } from '../output.ts';
import { chosenDirectory, chosenStack, howToGoOn, type PlaceOptions, withRuns } from '../place.ts';
import { findRun, runArgument } from '../runArgument.ts';
import { refuseEnded } from '../sessionRun.ts';
import { wantWorkers } from '../wantWorkers.ts';
import { watchRun } from '../watchRun.ts';

interface ResumeOptions extends PlaceOptions, Omit<LocalOptions, 'dir'> {
  readonly local?: true;
  readonly json?: true;
}

const EXAMPLES = `
Where a session trains in the directory already, it is asked to go on with the run, and is watched.

Examples:
  padmm resume latest --local
  padmm resume quickstart --local --workers 4
  padmm resume latest --stack padmm`;

interface Resumed {
  readonly run: string;
  readonly config: RunConfig;
  readonly manifest: DatasetManifest;
  /** Who was sent the message: the place's name; null where nobody trains there. */
  readonly asked: string | null;
}

/** Finds the run, and asks the deployment for it, or the session if there is one. */
function askToResume(word: string, options: ResumeOptions): Promise<Resumed> {
  return withRuns(options, async ({ connection: { store, results }, live, name, stack }) => {
    const run = await findRun(store, word);
    const { config, state } = await readRunHead(store, run);
    refuseEnded(state);
    if (live) await controlRun(results, run, 'resume');
    if (stack !== null) await wantWorkers(stack, config.shards);
    return { run, config, manifest: await readDatasetOf(store, run), asked: live ? name : null };
  });
}

async function resume(word: string, options: ResumeOptions): Promise<void> {
  if (!options.local && chosenStack(options) === null) {
    throw new UsageError(
      'resume: expected --local, which trains on this machine, or --stack NAME, received neither',
    );
  }
  const { run, config, manifest, asked } = await askToResume(word, options);
  if (asked !== null) {
    const who = chosenStack(options) === null ? `the session that trains in ${asked}` : asked;
    note(`asked ${who} to go on with ${run}`);
    return watchRun(run, config, options);
  }
  const local = { ...options, dir: chosenDirectory(options) };
  const { timeoutSeconds } = localCapacity(config, manifest.shape);
  await interruptible(
    (signal) =>
      withLocalDeployment(local, { config, timeoutSeconds }, async (deployment) => {
        await controlRun(deployment.connection.results, run, 'resume');
        await finishLocally(deployment, config, run, local, signal);
      }),
    () => `interrupted; ${howToGoOn(run, local.dir)}`,
  );
}

/** `padmm resume RUN`: goes on with a run that was paused or interrupted. */
export const resumeCommand = (): Command =>
  addPlaceOptions(
    new Command('resume').addArgument(runArgument()).addOption(localOption()).addOption(workersOption()),
  )
    .addOption(portOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(resume);
