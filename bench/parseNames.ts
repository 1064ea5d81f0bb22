import { InvalidArgumentError } from 'commander';

/**
 * A parser of options that take names separated by commas: those given, each once, in the order of `known`. It throws
 * InvalidArgumentError where one of them is not known.
 */
export const parseNames =
  <Name extends string>(known: readonly Name[]) =>
  (text: string): Name[] => {
    const names = text.split(',').map((name) => name.trim());
    const unknown = names.filter((name) => !known.includes(name as Name));
    if (unknown.length === 0) return known.filter((name) => names.includes(name));
    throw new InvalidArgumentError(`expected some of ${known.join(', ')}, received ${unknown.join(', ')}`);
  };
