import { CommanderError } from 'commander';
import { ExitCode, PadmmError } from '../errors.ts';
import { createProgram } from './program.ts';

/** How a command ended: what it exits with, and what is said on stderr, if anything. */
interface Ending {
  readonly exitCode: number;
  readonly message: string | null;
}

/**
 * What an error means to the person at the terminal. Errors raised on purpose say all there is to say; any
 * other is a fault of this program, so its stack belongs in the report that it asks for.
 */
function endingOf(error: unknown, verbose: boolean): Ending {
  if (error instanceof CommanderError) {
    // Commander has written its message already; it throws for --help and --version too.
    return { exitCode: error.exitCode === 0 ? ExitCode.ok : ExitCode.usage, message: null };
  }
  if (error instanceof PadmmError) {
    return { exitCode: error.exitCode, message: (verbose && error.stack) || error.message };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: ExitCode.runFailed, message: `unexpected error, please report it: ${detail}` };
}

/** A reader that has seen enough (`padmm list | head`) closes the pipe; that is no error. */
function leaveQuietlyWhenStdoutCloses(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(ExitCode.ok);
  });
}

/**
 * Runs the command line. Never rejects: an error becomes a message on stderr and the process's exit code
 * (see `ExitCode` in lib/errors.ts); `--verbose` adds the stack.
 *
 * @param words what follows `padmm` on the command line.
 */
export async function main(words: readonly string[]): Promise<void> {
  leaveQuietlyWhenStdoutCloses();
  try {
    await (await createProgram(words)).parseAsync(words, { from: 'user' });
  } catch (error) {
    const { exitCode, message } = endingOf(error, words.includes('--verbose'));
    if (message !== null) process.stderr.write(`padmm: ${message}\n`);
    process.exitCode = exitCode;
  }
}
