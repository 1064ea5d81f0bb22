/** How a command ends: what its error means to the person at the terminal. */
import { getSystemErrorMap } from 'node:util';
import { CommanderError } from 'commander';
import { ExitCode, PadmmError } from '../errors.ts';

/** What the process exits with, and what is said on stderr, if anything. */
export interface Ending {
  readonly exitCode: number;
  readonly message: string | null;
}

/** An answer of AWS, or of an emulator of it, that nothing else has made sense of. */
interface ServiceError extends Error {
  readonly $metadata: unknown;
}

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && '$metadata' in error && '$fault' in error;

interface SystemError extends Error {
  readonly errno: number;
  readonly code: string;
  readonly path?: string;
}

/** An error of the operating system: of a file, the disk, a socket. */
const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error && 'syscall' in error && 'errno' in error && typeof error.errno === 'number';

function describeSystemError({ code, errno, path, message }: SystemError): string {
  const [, words = message] = getSystemErrorMap().get(errno) ?? [];
  return `${path ?? 'this machine'}: expected to be read and written, received ${code}: ${words}`;
}

/**
 * What an error means. Errors raised on purpose say all there is to say, as do those of the operating system; any other
 * is a fault of this program.
 *
 * @param verbose adds the stack.
 */
export function endingOf(error: unknown, verbose: boolean): Ending {
  const withStack = (message: string): string =>
    verbose && error instanceof Error ? `${message}\n${error.stack}` : message;
  if (error instanceof CommanderError) {
    // Commander has written its message already; it throws for --help and --version too.
    return { exitCode: error.exitCode === 0 ? ExitCode.ok : ExitCode.usage, message: null };
  }
  if (error instanceof PadmmError) {
    return { exitCode: error.exitCode, message: (verbose && error.stack) || error.message };
  }
  if (isSystemError(error)) {
    return { exitCode: ExitCode.environment, message: withStack(describeSystemError(error)) };
  }
  if (isServiceError(error)) {
    const message = `expected the services to do as they were asked, received ${error.name}: ${error.message}`;
    return { exitCode: ExitCode.environment, message: withStack(message) };
  }
  const fault = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const advice = verbose ? '' : '; --verbose shows where';
  const message = withStack(`unexpected error, please report it: ${fault}${advice}`);
  return { exitCode: ExitCode.runFailed, message };
}
