import tabtab from '@pnpm/tabtab';
import { Command } from 'commander';
import { PadmmError } from '../../errors.ts';
import { listRunIds } from '../../observe/runList.ts';
import { completionOf } from '../completion/candidates.ts';
import { lookAtRuns } from '../place.ts';
import { createProgram } from '../program.ts';

const LATEST = 'latest';

/** The runs of the directory that the command line names; a deployment is too far for a key press. */
async function runNames(words: readonly string[]): Promise<readonly string[]> {
  const dir = words[words.indexOf('--dir') + 1];
  const isElsewhere = words.includes('--stack') || words.includes('--endpoint');
  if (isElsewhere) return [];
  const place = words.includes('--dir') && dir !== undefined ? { dir } : { local: true as const };
  try {
    const runs = await lookAtRuns(place, ({ connection }) => listRunIds(connection.store));
    return runs === undefined ? [] : [LATEST, ...runs];
  } catch (error) {
    // A key press is no place for a complaint: the command itself will say what is wrong.
    if (error instanceof PadmmError) return [];
    throw error;
  }
}

/** Answers the scripts of `padmm completion`, which tell the command line and the place of the cursor by variables. */
async function serve(): Promise<void> {
  const { partial } = tabtab.parseEnv(process.env);
  const words = partial.trimStart().split(/\s+/).slice(1);
  const completion = await completionOf(await createProgram(words), words, runNames);
  if (completion === 'files') tabtab.logFiles();
  else tabtab.log([...completion], tabtab.getShellFromEnv(process.env));
}

/** `padmm completion-server`: what shells call at a press of the tab key. */
export const completionServerCommand = (): Command =>
  new Command('completion-server').argument('[words...]', 'the command line').action(serve);
