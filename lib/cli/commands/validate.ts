import { Command } from 'commander';
import { printJson } from '../output.ts';
import { readRunConfig } from '../readConfig.ts';

const EXAMPLES = `
Examples:
  padmm validate examples/mnist.json`;

/** `padmm validate CONFIG`: checks a run config and prints what a run would use, every default filled in. */
export const validateCommand = (): Command =>
  new Command('validate')
    .argument('<config>', 'run config, a JSON file')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string) => printJson(await readRunConfig(path)));
