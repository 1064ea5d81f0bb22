/** Questions on a terminal. They go to stderr, so that stdout holds data alone. */
import { input, number, select } from '@inquirer/prompts';
import isInteractive from 'is-interactive';
import { InterruptedError } from '../errors.ts';

const place = { output: process.stderr } as const;

/** Whether there is somebody to ask. */
export const canAsk = (): boolean =>
  process.stdin.isTTY === true && isInteractive({ stream: process.stderr });

/** The library raises an error of its own where somebody presses Ctrl-C. */
async function answered<T>(question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExitPromptError') throw error;
    throw new InterruptedError('interrupted; nothing was changed', { cause: error });
  }
}

/** @throws InterruptedError on Ctrl-C, as all of these. */
export const askText = (message: string, suggested?: string): Promise<string> =>
  answered(
    input({ message, required: true, ...(suggested === undefined ? {} : { default: suggested }) }, place),
  );

/** A whole number of at least 1. */
export const askCount = (message: string, suggested: number): Promise<number> =>
  answered(number({ message, default: suggested, min: 1, step: 1, required: true }, place));

export const askChoice = <T extends string>(
  message: string,
  choices: readonly { readonly value: T; readonly description: string }[],
): Promise<T> =>
  answered(select({ message, choices: choices.map((choice) => ({ ...choice, name: choice.value })) }, place));
