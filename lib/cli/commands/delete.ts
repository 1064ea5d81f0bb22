import { Command } from 'commander';
import { deleteRun } from '../../client/deleteRun.ts';
import { UsageError } from '../../errors.ts';
import { askText, canAsk } from '../ask.ts';
import { addPlaceOptions, jsonOption } from '../options.ts';
import { note, printJson } from '../output.ts';
import { type PlaceOptions, withRuns } from '../place.ts';
import { findRun, runArgument } from '../runArgument.ts';

interface DeleteOptions extends PlaceOptions {
  readonly yes?: true;
  readonly json?: true;
}

const EXAMPLES = `
Only a run that has ended can be deleted. Its dataset stays, for other runs; so do model and report where they were
written to files. Without --yes it is asked whether you are sure.

Examples:
  padmm delete quickstart-01M83
  padmm delete quickstart-01M83 --yes --json
  padmm delete mnist-01M83 --stack padmm --yes`;

/** Asks on the terminal. @throws UsageError where there is none, or the answer is not the run's id. */
async function confirm(run: string): Promise<void> {
  if (!canAsk()) {
    throw new UsageError(
      `delete ${run}: expected --yes where there is no terminal to ask on, received nothing`,
    );
  }
  const answer = await askText(`delete ${run} for good? Type its id:`);
  if (answer.trim() === run) return;
  throw new UsageError(
    `delete ${run}: expected its id, received ${JSON.stringify(answer)}; nothing was deleted`,
  );
}

function remove(word: string, options: DeleteOptions): Promise<void> {
  return withRuns(options, async ({ connection: { store } }) => {
    const run = await findRun(store, word);
    if (!options.yes) await confirm(run);
    const objects = await deleteRun(store, run);
    note(`deleted ${run}, ${objects} objects`);
    if (options.json) printJson({ run, objects });
  });
}

/** `padmm delete RUN`: deletes all that is stored of an ended run. */
export const deleteCommand = (): Command =>
  addPlaceOptions(
    new Command('delete').addArgument(runArgument()).option('--yes', 'do not ask whether you are sure'),
  )
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(remove);
