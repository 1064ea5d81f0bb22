import { Command } from 'commander';
import { interruptible } from '../interruption.ts';
import { withRuns } from '../localRuns.ts';
import { directoryOption, jsonOption } from '../options.ts';
import { noteOutcome, readSummary } from '../outcome.ts';
import { printJson } from '../output.ts';
import { runArgument } from '../runArgument.ts';
import { askSession, followSession } from '../sessionRun.ts';

interface StopOptions {
  readonly dir: string;
  readonly json?: true;
}

const EXAMPLES = `
The best model by validation loss is chosen and tested, as at the end of any run. A run that was stopped cannot be
resumed; to interrupt one, press Ctrl-C where it trains.

Examples:
  padmm stop latest
  padmm stop quickstart --json`;

async function stop(word: string, { dir, json }: StopOptions): Promise<void> {
  const run = await askSession(dir, word, 'stop');
  await interruptible(
    (signal) => followSession({ directory: dir, run, signal, look: () => false }),
    () => `no longer waiting; run ${run} was asked to stop`,
  );
  const summary = await withRuns(dir, ({ connection }) => readSummary(connection.store, run));
  noteOutcome(summary);
  if (json) printJson(summary);
}

/** `padmm stop RUN`: ends a run with the best model so far. */
export const stopCommand = (): Command =>
  new Command('stop')
    .addArgument(runArgument())
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(stop);
