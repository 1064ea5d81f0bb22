import { ExitCode, PadmmError } from '../errors.ts';

/** The cloud did not take what it was asked to take, and repeating did not help. */
export class CloudError extends PadmmError {
  override readonly exitCode = ExitCode.environment;
}
