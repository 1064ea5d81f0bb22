/** What is different where a person sits at a terminal: questions, bars, colours, the tab key, Ctrl-C. */
import { symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRunConfig } from '../../lib/cli/readConfig.ts';
import { padmm, projectDirectory } from '../support/commandLine.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { noTerminal, onTerminal, padmmWords } from '../support/terminal.ts';
import { smallConfig } from '../system/localRun.ts';

const PATIENCE_MS = 240_000;
const ESCAPE = '\u001b';
const CTRL_C = '\u0003';
const DOWN = `${ESCAPE}[B`;
const ENTER = '\r';

describe.skipIf(noTerminal !== null)(`on a terminal${noTerminal ? ` (${noTerminal})` : ''}`, () => {
  test(
    'init asks for what no option says, and writes it',
    async () => {
      const cwd = await temporaryDirectory();
      const session = onTerminal(padmmWords('init'), { cwd });
      const answer = async (question: RegExp, keys: string) => {
        await session.shows(question);
        session.type(keys);
      };
      // The fourth of the kinds: text.
      await answer(/Which dataset\?/, DOWN.repeat(3) + ENTER);
      await answer(/File of the documents/, `reviews.csv${ENTER}`);
      await answer(/Name of its runs/, `opinions${ENTER}`);
      await answer(/Hidden units/, `32${ENTER}`);
      await answer(/Shards/, ENTER);
      await answer(/Rounds/, ENTER);
      const { exitCode, shown } = await session.outcome;
      expect({ exitCode, shown }).toMatchObject({ exitCode: 0 });
      expect(await readRunConfig(join(cwd, 'opinions.jsonc'))).toMatchObject({
        name: 'opinions',
        dataset: { kind: 'text', file: 'reviews.csv' },
        model: { hiddenUnits: 32 },
        shards: 4,
      });
    },
    PATIENCE_MS,
  );

  test(
    'Ctrl-C at a question ends it with the exit code of an interruption, and no stack',
    async () => {
      const cwd = await temporaryDirectory();
      const session = onTerminal(padmmWords('init'), { cwd });
      await session.shows(/Which dataset\?/);
      session.type(CTRL_C);
      const { exitCode, shown } = await session.outcome;
      expect(exitCode).toBe(130);
      expect(shown).toContain('padmm: interrupted; nothing was changed');
      expect(shown).not.toMatch(/\n +at /);
    },
    PATIENCE_MS,
  );

  test(
    'training shows a bar that moves, without colours where NO_COLOR is set; a pipe and CI get a few lines; --quiet none',
    async () => {
      const cwd = await temporaryDirectory();
      const config = smallConfig({ shards: 2, stop: { maxRounds: 12 }, evaluation: { everyRounds: 6 } });
      await writeFile(join(cwd, 'run.json'), JSON.stringify(config));
      const words = ['train', 'run.json', '--local', '--workers', '1'];
      const { exitCode, shown } = await onTerminal(padmmWords(...words), { cwd, env: { NO_COLOR: '1' } })
        .outcome;
      expect({ exitCode, shown }).toMatchObject({ exitCode: 0 });
      expect(shown).toMatch(
        /[█░]{24} round \d+\/12 · \d+ samples\/s · loss [\d.]+ · accuracy [\d.]+ %.* · residuals .* left/,
      );
      expect(shown).not.toMatch(new RegExp(`${ESCAPE}\\[[\\d;]*m`));
      const piped = await padmm([...words, '--dir', 'piped'], { cwd });
      expect(piped.exitCode).toBe(0);
      expect(piped.stderr).not.toContain(ESCAPE);
      const rounds = piped.stderr.split('\n').filter((line) => line.startsWith('round '));
      expect(rounds.length).toBeGreaterThan(1);
      expect(rounds.length).toBeLessThanOrEqual(12);
      const [run] = /small-\w{26}/.exec(piped.stderr) ?? [];
      const watch = padmmWords('watch', `${run}`, '--dir', 'piped');
      const { shown: inCi } = await onTerminal(watch, { cwd, env: { CI: '1' } }).outcome;
      expect(inCi).toMatch(/^round 12\/12 · loss .* · done/m);
      const quiet = await padmm(['watch', `${run}`, '--dir', 'piped', '--quiet', '--json'], { cwd });
      expect(quiet).toMatchObject({ exitCode: 0, stderr: '' });
      expect(JSON.parse(quiet.stdout)).toMatchObject({ run, status: 'done' });
    },
    PATIENCE_MS,
  );

  test(
    'the tab key of bash completes commands, options, choices and files',
    async () => {
      const cwd = await temporaryDirectory();
      await symlink(join(projectDirectory, 'bin', 'padmm.mjs'), join(cwd, 'padmm'));
      const { stdout: script } = await padmm(['completion', 'bash']);
      await writeFile(join(cwd, 'rc'), `PS1='$ '\nbind 'set enable-bracketed-paste off'\n${script}`);
      await writeFile(join(cwd, 'a-config.jsonc'), '{}');
      const PATH = [cwd, process.env.PATH].join(delimiter);
      const shell = onTerminal('bash --noprofile --rcfile rc -i', { cwd, env: { PATH } });
      await shell.shows(/\$ /);
      for (const [keys, completed] of [
        ['padmm swe\t', /padmm sweep /],
        ['--at-o\t', /--at-once /],
        ['2 a-con\t', /a-config\.jsonc /],
        ['\u0015padmm download latest --format lay\t', /--format layers /],
        ['\u0015padmm completion zs\t', /completion zsh /],
      ] as const) {
        shell.type(keys);
        await shell.shows(completed);
      }
      shell.type('\u0015exit\r');
      await shell.outcome;
    },
    PATIENCE_MS,
  );
});

test('a script is printed for each shell, and no other', async () => {
  for (const shell of ['zsh', 'fish']) {
    const { exitCode, stdout } = await padmm(['completion', shell]);
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('padmm completion-server'),
    });
  }
  expect((await padmm(['completion', 'tcsh'])).exitCode).toBe(2);
});
