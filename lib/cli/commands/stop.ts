import { Command } from 'commander';
import { interruptible } from '../interruption.ts';
import { addPlaceOptions, jsonOption } from '../options.ts';
import { noteOutcome, readSummary } from '../outcome.ts';
import { printJson } from '../output.ts';
import type { PlaceOptions } from '../place.ts';
import { runArgument } from '../runArgument.ts';
import { askSession, followSession, readThroughSession } from '../sessionRun.ts';

interface StopOptions extends PlaceOptions {
  readonly json?: true;
}

const EXAMPLES = `
The best model by validation loss is chosen and tested, as at the end of any run. A run that was stopped cannot be
resumed; to interrupt one, press Ctrl-C where it trains.

Examples:
  padmm stop latest
  padmm stop quickstart --json`;

async function stop(word: string, options: StopOptions): Promise<void> {
  const run = await askSession(options, word, 'stop');
  await interruptible(
    (signal) => followSession({ place: options, run, signal, look: () => false }),
    () => `no longer waiting; run ${run} was asked to stop`,
  );
  const summary = await readThroughSession(options, ({ connection }) => readSummary(connection.store, run));
  noteOutcome(summary);
  if (options.json) printJson(summary);
}

/** `padmm stop RUN`: ends a run with the best model so far. */
export const stopCommand = (): Command =>
  addPlaceOptions(
    new Command('stop')
      .addArgument(runArgument())
      .addOption(jsonOption())
      .addHelpText('after', EXAMPLES)
      .action(stop),
  );
