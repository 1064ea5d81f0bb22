import { type Ending, endingOf } from './ending.ts';
import { createProgram } from './program.ts';

export const isVerboseWanted = (words: readonly string[]): boolean => words.includes('--verbose');

/**
 * Runs one command line in this process.
 *
 * @param words what follows `padmm` on the command line.
 * @returns null where all went well, else what to exit with, and what to say.
 */
export async function runCommand(words: readonly string[]): Promise<Ending | null> {
  try {
    await (await createProgram(words)).parseAsync(words, { from: 'user' });
    return null;
  } catch (error) {
    return endingOf(error, isVerboseWanted(words));
  }
}
