import { Command } from 'commander';
import { interruptible } from '../interruption.ts';
import { addPlaceOptions, jsonOption } from '../options.ts';
import { note, printJson } from '../output.ts';
import type { PlaceOptions } from '../place.ts';
import { runArgument } from '../runArgument.ts';
import { askSession, followSession, refuseEnded } from '../sessionRun.ts';

interface PauseOptions extends PlaceOptions {
  readonly json?: true;
}

const EXAMPLES = `
The subproblems that are out are still solved and taken in. The session goes on and waits.

Examples:
  padmm pause latest
  padmm resume latest --local`;

async function pause(word: string, options: PauseOptions): Promise<void> {
  const run = await askSession(options, word, 'pause');
  const state = await interruptible(
    (signal) => followSession({ place: options, run, signal, look: ({ status }) => status === 'paused' }),
    () => `no longer waiting; run ${run} was asked to pause`,
  );
  // It may have ended before the message was taken in.
  refuseEnded(state);
  note(`${run}: ${state.status} at round ${state.version}`);
  if (options.json) printJson({ run, status: state.status, rounds: state.version });
}

/** `padmm pause RUN`: nothing more is sent out until the run is resumed. */
export const pauseCommand = (): Command =>
  addPlaceOptions(
    new Command('pause')
      .addArgument(runArgument())
      .addOption(jsonOption())
      .addHelpText('after', EXAMPLES)
      .action(pause),
  );
