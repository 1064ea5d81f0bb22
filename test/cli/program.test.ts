import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { padmm } from '../support/commandLine.ts';

describe('the command line', () => {
  test('prints its version on stdout', async () => {
    expect(await padmm(['--version'])).toEqual({ exitCode: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  test('lists its commands and exit codes', async () => {
    const { exitCode, stdout } = await padmm(['--help']);
    expect(exitCode).toBe(0);
    for (const word of ['train', 'validate', 'doctor', 'schema', '--verbose', '130 interrupted']) {
      expect(stdout).toContain(word);
    }
  });

  test('without a command says what there is, as a wrong usage', async () => {
    const { exitCode, stdout, stderr } = await padmm([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('Usage: padmm');
  });

  test.for([
    [['validat', 'x.json'], "error: unknown command 'validat'\n(Did you mean validate?)"],
    [['doctor', '--jsn'], "error: unknown option '--jsn'\n(Did you mean --json?)"],
    [['validate'], "error: missing required argument 'config'"],
    [['validate', 'a', 'b'], 'error: too many arguments'],
    [['doctor', '--dir'], "error: option '--dir <directory>' argument missing"],
  ] as const)('%j is refused with advice', async ([words, advice]) => {
    const { exitCode, stdout, stderr } = await padmm(words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(advice);
  });

  test('an error shows its stack only with --verbose, wherever that stands', async () => {
    const plain = await padmm(['validate', 'missing.json']);
    expect(plain.stderr).toBe(
      'padmm: run config: missing.json: expected a readable text file in UTF-8, received no such file\n',
    );
    for (const words of [
      ['--verbose', 'validate', 'missing.json'],
      ['validate', 'missing.json', '--verbose'],
    ]) {
      const { exitCode, stderr } = await padmm(words);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/ConfigError: run config: missing\.json.*\n +at /);
    }
  });
});
