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

/**
 * The whole command line as a commander program. It throws CommanderError instead of ending the process, and
 * suggests the nearest command or option for one it does not know.
 */
export function createProgram(): Command {
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
  for (const create of commands) {
    // Commands made elsewhere do not inherit the program's settings by themselves.
    program.addCommand(create().copyInheritedSettings(program));
  }
  return program;
}
