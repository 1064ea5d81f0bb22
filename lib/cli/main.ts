import { ExitCode } from '../errors.ts';
import { type Ending, endingOf } from './ending.ts';
import { leaveWhenInterrupted } from './interruption.ts';
import { isVerboseWanted, runCommand } from './runCommand.ts';

function end({ exitCode, message }: Ending): void {
  if (message !== null) process.stderr.write(`padmm: ${message}\n`);
  process.exitCode = exitCode;
}

/** Errors that no command waits for: they end the process like any other. */
function leaveOnStrayErrors(verbose: boolean): void {
  const leave = (error: unknown): never => {
    end(endingOf(error, verbose));
    process.exit();
  };
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`padmm list | head`) closes the pipe; that is no error. A full disk is one.
    if (error.code === 'EPIPE') process.exit(ExitCode.ok);
    leave(Object.assign(error, { path: 'standard output' }));
  });
  // Where nobody reads what is said along the way there is nobody to tell.
  process.stderr.on('error', () => {});
  process.on('uncaughtException', leave);
}

/**
 * Runs the command line. Never rejects: an error becomes a message on stderr and the process's exit code
 * (see `ExitCode` in lib/errors.ts); `--verbose` adds the stack.
 *
 * @param words what follows `padmm` on the command line.
 */
export async function main(words: readonly string[]): Promise<void> {
  leaveWhenInterrupted();
  leaveOnStrayErrors(isVerboseWanted(words));
  const ending = await runCommand(words);
  if (ending !== null) end(ending);
}
