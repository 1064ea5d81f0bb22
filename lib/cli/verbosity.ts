import isInteractive from 'is-interactive';

/** How much is said beside results and errors. Of the whole process, as the terminal is. */
export type Verbosity = 'quiet' | 'normal' | 'verbose';

let verbosity: Verbosity = 'normal';

/** Sets it, before a command begins. */
export function setVerbosity(wanted: Verbosity): void {
  verbosity = wanted;
}

/** Whether nothing but results and errors is said. */
export const isQuiet = (): boolean => verbosity === 'quiet';

/** Whether progress may move on the terminal: a pipe, a file, CI and a terminal that does not tell its width get lines. */
export const canDraw = (): boolean =>
  isInteractive({ stream: process.stderr }) && process.stderr.columns > 0 && !isQuiet();

/** Whether everything is said. */
export const isVerbose = (): boolean => verbosity === 'verbose';
