/** What may stand at the end of a command line, from the commands themselves: nothing is listed twice. */
import type { Command, Option } from 'commander';

/** A word that may be written, and what it is. */
export interface Candidate {
  readonly name: string;
  readonly description: string;
}

/** What completes a word: one of these, or the name of a file. */
export type Completion = readonly Candidate[] | 'files';

/** Looks up the runs that a command line may name. @param words of the command line so far. */
export type RunNames = (words: readonly string[]) => Promise<readonly string[]>;

const takesValue = ({ required, optional }: Option): boolean => required || optional;

const visible = (command: Command): Option[] => command.options.filter(({ hidden }) => !hidden);

const helpOption: Candidate = { name: '--help', description: 'show help' };

function optionsOf(commands: readonly Command[]): Candidate[] {
  const named = commands.flatMap(visible).map(({ long, short, description }) => {
    return { name: long ?? short ?? '', description };
  });
  return [...named, helpOption];
}

function optionNamed(commands: readonly Command[], word: string): Option | undefined {
  const options = commands.flatMap((command) => command.options);
  return options.find(({ long, short }) => word === long || word === short);
}

/** Words that are arguments: no options, nor values of options. */
function argumentsAmong(commands: readonly Command[], words: readonly string[]): string[] {
  return words.filter((word, i) => {
    const before = optionNamed(commands, words[i - 1] ?? '');
    return !word.startsWith('-') && !(before !== undefined && takesValue(before));
  });
}

const choices = (names: readonly string[]): Candidate[] => names.map((name) => ({ name, description: '' }));

async function argumentAt(
  command: Command,
  place: number,
  words: readonly string[],
  runNames: RunNames,
): Promise<Completion> {
  const { registeredArguments: all } = command;
  const last = all.at(-1);
  const argument = all[place] ?? (last?.variadic ? last : undefined);
  if (argument === undefined) return [];
  if (argument.argChoices !== undefined) return choices(argument.argChoices);
  const isRun = /\brun\b/.test(argument.name());
  // What may be a run or a file is completed as a run first; a path is never the beginning of one.
  const runs = isRun || argument.name() === 'model' ? await runNames(words) : [];
  return runs.length > 0 ? choices(runs) : 'files';
}

/**
 * What completes the last word.
 *
 * @param program with the file of the called command loaded.
 * @param words what follows `padmm`, the unfinished word last, which may be empty.
 */
export async function completionOf(
  program: Command,
  words: readonly string[],
  runNames: RunNames,
): Promise<Completion> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [called] = argumentsAmong([program], before);
  const command = program.commands.find((one) => one.name() === called);
  const scope = command === undefined ? [program] : [command, program];
  const option = optionNamed(scope, before.at(-1) ?? '');
  if (option !== undefined && takesValue(option)) {
    return option.argChoices === undefined ? 'files' : choices(option.argChoices);
  }
  if (current.startsWith('-')) return optionsOf(scope);
  if (called === undefined) {
    return program
      .createHelp()
      .visibleCommands(program)
      .map((one) => ({ name: one.name(), description: one.description() }));
  }
  if (command === undefined) return [];
  const place = argumentsAmong(scope, before).length - 1;
  return argumentAt(command, place, words, runNames);
}
