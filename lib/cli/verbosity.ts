/** How much is said beside results and errors. Of the whole process, as the terminal is. */
export type Verbosity = 'quiet' | 'normal' | 'verbose';

let verbosity: Verbosity = 'normal';

/** Sets it, before a command begins. */
export function setVerbosity(wanted: Verbosity): void {
  verbosity = wanted;
}

/** Whether nothing but results and errors is said. */
export const isQuiet = (): boolean => verbosity === 'quiet';

/** Whether everything is said. */
export const isVerbose = (): boolean => verbosity === 'verbose';
