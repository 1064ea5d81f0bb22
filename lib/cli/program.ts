import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { commands } from './commands.ts';

const EXIT_CODES = `
Exit codes: 0 done, 1 the run failed, 2 wrong usage or config, 3 the environment is not ready, 130 interrupted.`;

function projectVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}

/** The one command that the words name; all of them for help, or for a suggestion instead of a misspelt one. */
function commandsFor(words: readonly string[]): Promise<Command[]> {
  const named = commands.get(words.find((word) => !word.startsWith('-')) ?? '');
  return Promise.all((named === undefined ? [...commands.values()] : [named]).map((load) => load()));
}

/**
 * The command line as a commander program, as far as the words need it. It throws CommanderError instead of ending the
 * process, and suggests the nearest command or option for one it does not know.
 *
 * @param words what follows `padmm`.
 */
export async function createProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('padmm')
    .description('Train recurrent networks by parallel ADMM on serverless cloud compute.')
    .version(projectVersion(), '--version', 'print the version')
    .option('--verbose', 'add the stack to an error')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', EXIT_CODES)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  for (const command of await commandsFor(words)) {
    // Commands made elsewhere do not inherit the program's settings by themselves.
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}
