/** Data goes to stdout, everything a person reads along the way to stderr: a pipe gets the data alone. */
import { isQuiet } from './verbosity.ts';

/** Writes one line of data. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes one JSON document, indented by two spaces. */
export function printJson(value: unknown): void {
  printLine(JSON.stringify(value, null, 2));
}

/** Writes one line of progress or advice; nothing with --quiet. */
export function note(line: string): void {
  if (!isQuiet()) process.stderr.write(`${line}\n`);
}
