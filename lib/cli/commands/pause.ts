import { Command } from 'commander';
import { interruptible } from '../interruption.ts';
import { directoryOption, jsonOption } from '../options.ts';
import { note, printJson } from '../output.ts';
import { runArgument } from '../runArgument.ts';
import { askSession, followSession, refuseEnded } from '../sessionRun.ts';

interface PauseOptions {
  readonly dir: string;
  readonly json?: true;
}

const EXAMPLES = `
The subproblems that are out are still solved and taken in. The session goes on and waits.

Examples:
  padmm pause latest
  padmm resume latest --local`;

async function pause(word: string, { dir, json }: PauseOptions): Promise<void> {
  const run = await askSession(dir, word, 'pause');
  const state = await interruptible(
    (signal) => followSession({ directory: dir, run, signal, look: ({ status }) => status === 'paused' }),
    () => `no longer waiting; run ${run} was asked to pause`,
  );
  // It may have ended before the message was taken in.
  refuseEnded(state);
  note(`${run}: ${state.status} at round ${state.version}`);
  if (json) printJson({ run, status: state.status, rounds: state.version });
}

/** `padmm pause RUN`: nothing more is sent out until the run is resumed. */
export const pauseCommand = (): Command =>
  new Command('pause')
    .addArgument(runArgument())
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(pause);
