/** Exit codes of the command line; 0 is success. */
export const ExitCode = { ok: 0, runFailed: 1, usage: 2, environment: 3, interrupted: 130 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * Base of every error this project raises on purpose. The message alone must be enough to act on: it names
 * the field or file, what was expected and what came.
 */
export class PadmmError extends Error {
  /** What the command line exits with when this error ends it. */
  readonly exitCode: ExitCode = ExitCode.runFailed;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** One thing wrong with an input: where it is, what was expected there and what came. */
export interface Mismatch {
  /** Dotted path of a config field, a file's path, or a tensor's name. */
  readonly field: string;
  readonly expected: string;
  readonly received: string;
}

/** Says a list of mismatches in one message, one line each. */
export function describeMismatches(subject: string, mismatches: readonly Mismatch[]): string {
  const lines = mismatches.map((m) => `${m.field}: expected ${m.expected}, received ${m.received}`);
  return lines.length === 1 ? `${subject}: ${lines[0]}` : `${subject}:\n  ${lines.join('\n  ')}`;
}

/** The words or options of a command are wrong. */
export class UsageError extends PadmmError {
  override readonly exitCode = ExitCode.usage;
}

/** A run config, or a value derived from it, is wrong. */
export class ConfigError extends PadmmError {
  override readonly exitCode = ExitCode.usage;
  readonly mismatches: readonly Mismatch[];

  constructor(subject: string, mismatches: readonly Mismatch[], options?: ErrorOptions) {
    super(describeMismatches(subject, mismatches), options);
    this.mismatches = mismatches;
  }
}

/** A data file is missing, truncated, mislabelled, or holds values it must not hold. */
export class DataError extends PadmmError {
  override readonly exitCode = ExitCode.usage;
  readonly mismatch: Mismatch;

  constructor(subject: string, mismatch: Mismatch, options?: ErrorOptions) {
    super(describeMismatches(subject, [mismatch]), options);
    this.mismatch = mismatch;
  }
}

/** Stored bytes are not what their digest, header or schema says. */
export class IntegrityError extends PadmmError {
  override readonly exitCode = ExitCode.environment;
  readonly mismatch: Mismatch;

  constructor(subject: string, mismatch: Mismatch, options?: ErrorOptions) {
    super(describeMismatches(subject, [mismatch]), options);
    this.mismatch = mismatch;
  }
}

/** The machine lacks something: a directory that can be written, a free port, a package, credentials. */
export class EnvironmentError extends PadmmError {
  override readonly exitCode = ExitCode.environment;
}

/** The run ended without a model. */
export class RunFailedError extends PadmmError {
  override readonly exitCode = ExitCode.runFailed;
}

/** Somebody pressed Ctrl-C. */
export class InterruptedError extends PadmmError {
  override readonly exitCode = ExitCode.interrupted;
}
