/** Data goes to stdout, everything a person reads along the way to stderr: a pipe gets the data alone. */

/** Writes one line of data. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes one JSON document, indented by two spaces. */
export function printJson(value: unknown): void {
  printLine(JSON.stringify(value, null, 2));
}

/** Writes one line of progress or advice. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
