import { Command } from 'commander';
import { printJson } from '../output.ts';
import { readRunConfig } from '../readConfig.ts';

/** `padmm validate CONFIG`: checks a run config and prints what a run would use, every default filled in. */
export const validateCommand = (): Command =>
  new Command('validate')
    .argument('<config>', 'run config, a JSON file')
    .action(async (path: string) => printJson(await readRunConfig(path)));
