/**
 * Whatever is wrong with a command line, every command says so shortly, with the right exit code and no stack. The cases
 * are made from the commands themselves: a new one is covered without being named here.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../lib/cli/commands.ts';
import { openLocalStore } from '../../lib/emulator/localStore.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import type { CommandOutcome } from '../support/commandLine.ts';
import { padmmHere } from '../support/inProcess.ts';
import { testConfig, testState } from '../support/runs.ts';
import { makeDirectory, removeDirectory } from '../support/temporaryDirectory.ts';

const loaded: readonly Command[] = await Promise.all([...commands.values()].map(({ load }) => load()));
const byName = (some: readonly Command[]) => some.map((command) => [command.name(), command] as const);
const every = byName(loaded);

const takesValue = ({ required, optional }: Option): boolean => required || optional;
const has = (command: Command, long: string): boolean =>
  command.options.some((option) => option.long === long);
const takesRun = ({ registeredArguments: [first] }: Command): boolean => /\brun\b/.test(first?.name() ?? '');
const takesConfig = ({ registeredArguments: [first] }: Command): boolean =>
  first?.required === true && first.name() === 'config';

/** Prints JSON lines, one a sample. */
const WITHOUT_JSON = ['predict'];

/** A value that an option takes, whatever it means. */
const acceptedValue = ({ argChoices, long }: Option): string =>
  argChoices?.[0] ?? (long === '--set' ? 'seed=1' : 'some');

/** What some commands want besides, and check themselves. */
const WANTED: Readonly<Record<string, readonly string[]>> = {
  sweep: ['--set', 'seed=1'],
  export: ['--csv', 'some.csv'],
};

/** Words that make the command line whole: a value for each option that must be there, and the place of the work. */
function needed(command: Command): string[] {
  const mandatory = command.options.filter((option) => option.mandatory && option.defaultValue === undefined);
  return [
    ...mandatory.flatMap((option) => [option.long ?? '', acceptedValue(option)]),
    ...(WANTED[command.name()] ?? []),
  ];
}
const local = (command: Command): string[] => (has(command, '--local') ? ['--local'] : []);

/** One short message, no stack, nothing on stdout that a program could take for a result. */
function expectRefusal({ exitCode, stdout, stderr }: CommandOutcome, code: number, message: RegExp): void {
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: code,
    stdout: '',
    stderr: expect.stringMatching(message),
  });
  expect(stderr).not.toMatch(/^\s+at .*:\d+/m);
  expect(stderr).not.toContain('unexpected error');
  expect(stderr.trimEnd().split('\n').length).toBeLessThan(12);
}

describe('arguments', () => {
  test.each(
    every.filter(
      ([
        ,
        {
          registeredArguments: [first],
        },
      ]) => first?.required,
    ),
  )('%s wants one', async (name) => {
    expectRefusal(await padmmHere([name]), 2, /^error: (missing required argument|required option) /);
  });

  const bounded = every.filter(([, { registeredArguments }]) => !registeredArguments.at(-1)?.variadic);
  test.each(bounded)('%s takes no more than it knows', async (name, command) => {
    const { registeredArguments } = command;
    const known = registeredArguments.map(({ argChoices }) => argChoices?.[0] ?? 'some');
    const outcome = await padmmHere([name, ...known, 'surplus', ...needed(command)]);
    expectRefusal(outcome, 2, /^error: too many arguments/);
  });
});

describe('options', () => {
  test.each(every)('%s suggests the one that was meant', async (name, command) => {
    const long = command.options.find((option) => (option.long?.length ?? 0) > 4)?.long ?? '';
    expectRefusal(
      await padmmHere([name, ...needed(command), `${long}e`]),
      2,
      new RegExp(`^error: unknown option '${long}e'\\n\\(Did you mean ${long}\\?\\)`),
    );
  });

  test.each(every)('%s has --json, --quiet and --verbose', async (name, command) => {
    expect(has(command, '--json')).toBe(!WITHOUT_JSON.includes(name));
    const outcome = await padmmHere([name, ...needed(command), '--quiet', '--verbose']);
    expectRefusal(outcome, 2, /^error: (option '--quiet' cannot be used with|missing required)/);
  });

  test.each(every)(
    '%s wants the values of those that take one, and knows their choices',
    async (name, { options }) => {
      for (const { long, argChoices } of options.filter(takesValue)) {
        expectRefusal(await padmmHere([name, long ?? '']), 2, /^error: option .* argument missing/);
        if (argChoices === undefined) continue;
        const outcome = await padmmHere([name, long ?? '', 'nonsense']);
        expectRefusal(outcome, 2, /^error: option .* argument 'nonsense' is invalid. Allowed choices are /);
      }
    },
  );

  test.each(every.filter(([, command]) => has(command, '--dir') && has(command, '--stack')))(
    '%s takes a directory or a deployment, not both',
    async (name, command) => {
      const words = command.registeredArguments.filter(({ required }) => required).map(() => 'some');
      const outcome = await padmmHere([name, ...words, ...needed(command), '--dir', 'a', '--stack', 'b']);
      expectRefusal(outcome, 2, /^error: option '--dir <directory>' cannot be used with option '--stack/);
    },
  );
});

describe('a config', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await makeDirectory();
    await writeFile(join(directory, 'broken.json'), '{ "name": }');
    await writeFile(join(directory, 'wrong.json'), '{ "name": "a", "dataset": { "kind": "cifar" } }');
  });
  afterAll(() => removeDirectory(directory));

  test.each(every.filter(([, command]) => takesConfig(command)))(
    'of %s is there and right',
    async (name, command) => {
      for (const [file, message] of [
        ['absent.json', /^padmm: run config: .*absent\.json: expected a readable text file/],
        ['broken.json', /^padmm: run config: .*broken\.json:1:11: expected JSON, received/],
        ['wrong.json', /^padmm: run config .*wrong\.json: dataset\.kind: expected .*, received "cifar"/],
      ] as const) {
        const words = [name, join(directory, file), ...needed(command), ...local(command)];
        expectRefusal(await padmmHere(words), 2, message);
      }
    },
  );
});

describe('a run', () => {
  const onRuns = every.filter(([, command]) => takesRun(command) && command.registeredArguments[0]?.required);
  const lines = (name: string, command: Command, run: string, ...place: string[]): string[] => [
    ...[name, run, ...needed(command), ...local(command), ...place],
    ...(has(command, '--yes') ? ['--yes'] : []),
  ];
  const strange = 'strange-01JT00000000000000000000AB';
  let directory: string;

  beforeAll(async () => {
    directory = await makeDirectory();
    await writeFile(join(directory, 'file'), '');
    const opened = await openLocalStore({ directory: join(directory, 'runs') });
    const { store } = opened.connection;
    const keys = runKeys(strange);
    const config = testConfig({});
    const state = { ...testState(config), run: strange, schema: 999 };
    await store.create(keys.config, new TextEncoder().encode(JSON.stringify(config)));
    await store.create(keys.state, new TextEncoder().encode(JSON.stringify(state)));
    await opened.close();
    await mkdir(join(directory, 'empty'));
  });
  afterAll(() => removeDirectory(directory));

  test.each(onRuns)('of %s is none where there are no runs', async (name, command) => {
    for (const place of ['absent', 'empty']) {
      const outcome = await padmmHere(lines(name, command, 'latest', '--dir', join(directory, place)));
      expectRefusal(outcome, 2, /^padmm: .*: no runs yet; start one with: /);
    }
  });

  test.each(onRuns)('of %s is not found when it was deleted', async (name, command) => {
    const outcome = await padmmHere(lines(name, command, 'gone', '--dir', join(directory, 'runs')));
    expectRefusal(outcome, 2, /^padmm: run "gone": expected an id, .*, received what none begins with/);
  });

  test.each(onRuns)('of %s may be of another version', async (name, command) => {
    const outcome = await padmmHere(lines(name, command, strange, '--dir', join(directory, 'runs')));
    expectRefusal(outcome, 3, /schema: expected .*, received 999/);
  });

  test.each(onRuns)('of %s is in a directory that can be read', async (name, command) => {
    const outcome = await padmmHere(lines(name, command, 'latest', '--dir', join(directory, 'file', 'runs')));
    expectRefusal(outcome, 3, /^padmm: .*: expected a directory that can be read, received ENOTDIR/);
  });
});

test('the stack of an error shows with --verbose', async () => {
  const { exitCode, stderr } = await padmmHere(['validate', 'absent.json', '--verbose']);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^padmm: ConfigError: .*\n +at /);
});
