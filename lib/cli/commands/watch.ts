import { Command } from 'commander';
import { readRunHead } from '../../observe/runView.ts';
import { addPlaceOptions, jsonOption } from '../options.ts';
import { withRuns } from '../place.ts';
import { findRun, runArgument } from '../runArgument.ts';
import { type WatchOptions, watchRun } from '../watchRun.ts';

const EXAMPLES = `
Examples:
  padmm watch latest
  padmm watch quickstart --json`;

async function watch(word: string, options: WatchOptions): Promise<void> {
  const { run, config } = await withRuns(options, async ({ connection: { store } }) => {
    const run = await findRun(store, word);
    return { run, ...(await readRunHead(store, run)) };
  });
  await watchRun(run, config, options);
}

/** `padmm watch RUN`: the progress of a run until its end. */
export const watchCommand = (): Command =>
  addPlaceOptions(
    new Command('watch')
      .addArgument(runArgument())
      .addOption(jsonOption())
      .addHelpText('after', EXAMPLES)
      .action(watch),
  );
