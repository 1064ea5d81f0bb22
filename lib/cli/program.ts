import { styleText } from 'node:util';
import { Command, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { commands, hiddenCommands } from './commands.ts';
import { setVerbosity } from './verbosity.ts';

const EXIT_CODES = `
Exit codes: 0 done, 1 the run failed, 2 wrong usage or config, 3 the environment is not ready, 130 interrupted.`;

const VERSION = '--version';

/** The name of the command that the words call, or whose help they ask for. */
function calledCommand(words: readonly string[]): string | undefined {
  const [first, second] = words.filter((word) => !word.startsWith('-'));
  return first === 'help' ? second : first;
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
    .addOption(new Option('--quiet', 'say nothing but results and errors').conflicts('verbose'))
    .option('--verbose', 'show every round of progress, and the stack of an error')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('afterAll', EXIT_CODES)
    // Commander leaves the style out where there is no terminal, or NO_COLOR is set.
    .configureHelp({ showGlobalOptions: true, styleTitle: (title) => styleText('bold', title) })
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    .hook('preAction', (called) => {
      const { quiet, verbose } = called.opts<{ quiet?: true; verbose?: true }>();
      setVerbosity(quiet ? 'quiet' : verbose ? 'verbose' : 'normal');
    });
  const called = calledCommand(words);
  for (const [name, { description, load }] of commands) {
    // One that is not called is there to be listed and suggested.
    const command = name === called ? await load() : new Command(name);
    // Commands made elsewhere do not inherit the program's settings by themselves.
    program.addCommand(command.description(description).copyInheritedSettings(program));
  }
  const hidden = hiddenCommands.get(called ?? '');
  if (hidden !== undefined) program.addCommand(await hidden.load(), { hidden: true });
  // The program takes its options wherever they stand, so one of the command's own must not be its, too.
  const isTaken = program.commands.some(({ options }) => options.some(({ long }) => long === VERSION));
  if (!isTaken) program.version(manifest.version, VERSION, 'print the version');
  return program;
}
