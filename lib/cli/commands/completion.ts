import tabtab from '@pnpm/tabtab';
import { Argument, Command } from 'commander';
import { jsonOption } from '../options.ts';
import { printJson, printLine } from '../output.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const EXAMPLES = `
Prints a script that makes the shell complete commands, options, values, runs and files.

Examples:
  padmm completion bash >> ~/.bashrc
  padmm completion zsh >> ~/.zshrc
  padmm completion fish > ~/.config/fish/completions/padmm.fish`;

async function completion(shell: Shell, { json }: { readonly json?: true }): Promise<void> {
  const script = await tabtab.getCompletionScript({ name: 'padmm', completer: 'padmm', shell });
  if (json) printJson({ shell, script });
  else printLine(script.trimEnd());
}

/** `padmm completion SHELL`: the script that a shell reads at its start. */
export const completionCommand = (): Command =>
  new Command('completion')
    .addArgument(new Argument('<shell>', 'shell').choices(SHELLS))
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(completion);
