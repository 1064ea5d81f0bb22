import { Command, CommanderError } from 'commander';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  addPlaceOptions,
  DEFAULT_DIRECTORY,
  localOption,
  parsePositiveInteger,
} from '../../lib/cli/options.ts';
import { chosenDirectory, chosenStack } from '../../lib/cli/place.ts';

function parse(words: readonly string[]): Record<string, unknown> {
  const command = addPlaceOptions(new Command())
    .addOption(localOption())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(words, { from: 'user' }).opts();
}

test('runs live in the default directory unless told otherwise', () => {
  expect(chosenDirectory(parse([]))).toBe(DEFAULT_DIRECTORY);
  expect(parse(['--dir', '/srv/runs', '--local'])).toEqual({ dir: '/srv/runs', local: true });
});

test('a stack is meant where one is named, and what the command line says goes before the environment', () => {
  expect(chosenStack(parse([]))).toBeNull();
  expect(chosenStack(parse(['--stack', 'mine']))).toBe('mine');
  expect(chosenStack(parse(['--region', 'eu-west-1']))).toBe('padmm');
  vi.stubEnv('PADMM_STACK', 'theirs');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(chosenStack(parse([]))).toBe('theirs');
  expect(chosenStack(parse(['--stack', 'mine']))).toBe('mine');
  expect(chosenStack(parse(['--dir', 'runs']))).toBeNull();
  expect(chosenStack(parse(['--local']))).toBeNull();
  expect(() => parse(['--dir', 'runs', '--stack', 'mine'])).toThrow(CommanderError);
});

describe('--endpoint', () => {
  test('takes http and https URLs', () => {
    expect(parse(['--endpoint', 'http://127.0.0.1:4566'])).toMatchObject({
      endpoint: 'http://127.0.0.1:4566',
    });
  });

  test.for(['127.0.0.1:4566', 'ftp://a', '', 'http://'])('refuses %j', (text) => {
    expect(() => parse(['--endpoint', text])).toThrow('Expected an http or https URL');
  });

  test('and --local exclude each other', () => {
    expect(() => parse(['--local', '--endpoint', 'http://127.0.0.1:4566'])).toThrow(CommanderError);
  });
});

describe('a count', () => {
  test.for([
    ['1', 1],
    ['0064', 64],
  ] as const)('%j is %d', ([text, value]) => {
    expect(parsePositiveInteger(text)).toBe(value);
  });

  test.for(['0', '-1', '1.5', '1e3', '', ' 2', 'two', '99999999999999999999'])('%j is none', (text) => {
    expect(() => parsePositiveInteger(text)).toThrow('Expected a whole number of at least 1.');
  });
});
