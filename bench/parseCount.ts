import { InvalidArgumentError } from 'commander';

/** A whole number from 1, of an option. @throws InvalidArgumentError where it is anything else. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new InvalidArgumentError(`expected a whole number from 1, received ${text}`);
}
