import ora, { type Ora } from 'ora';

/** A line that moves on the terminal, without colour where NO_COLOR is set, which the library does not look at. */
export const startSpinner = (): Ora =>
  ora({ stream: process.stderr, discardStdin: false, color: process.env.NO_COLOR ? false : 'cyan' }).start();
