import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkDirectory, checkDisk, checkLoopback } from '../../lib/cli/environment/machine.ts';
import { checkNode, checkPackages } from '../../lib/cli/environment/runtime.ts';
import { checkBackends, judgeBackends } from '../../lib/cli/environment/tfjs.ts';
import { padmm } from '../support/commandLine.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const report = z.strictObject({
  ready: z.boolean(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['ok', 'warn', 'fail']),
      found: z.string(),
      remedy: z.string().nullable(),
    }),
  ),
});

describe('padmm doctor', () => {
  test('reports every check as JSON, and finds this machine ready', async () => {
    const directory = await temporaryDirectory();
    const { exitCode, stdout, stderr } = await padmm(['doctor', '--json', '--dir', join(directory, 'runs')]);
    const { ready, checks } = report.parse(JSON.parse(stdout));
    expect({ exitCode, stderr, ready }).toEqual({ exitCode: 0, stderr: '', ready: true });
    const names = checks.map(({ name }) => name);
    for (const name of ['Node', 'npm packages', 'tfjs backend', 'free disk', 'loopback port']) {
      expect(names).toContain(name);
    }
    expect(checks.every(({ status, remedy }) => (status === 'ok') === (remedy === null))).toBe(true);
    expect(await readdir(directory)).toEqual([]);
  });

  test('a needed thing that is missing ends it with exit code 3, after all was said', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    const { exitCode, stdout, stderr } = await padmm(['doctor', '--dir', file]);
    expect(exitCode).toBe(3);
    expect(stderr).toBe(`padmm: not ready: directory ${file}\n`);
    expect(stdout).toMatch(/fail +directory .*ENOTDIR/);
    expect(stdout).toContain('→ choose another with --dir');
    expect(stdout).toContain('loopback port');
  });

  test('writes colours only where they are wanted', async () => {
    const plain = await padmm(['doctor'], { env: { NO_COLOR: '1', FORCE_COLOR: undefined } });
    expect(plain.stdout).not.toContain('\u001b');
    const coloured = await padmm(['doctor'], { env: { NO_COLOR: undefined, FORCE_COLOR: '1' } });
    expect(coloured.stdout).toContain('\u001b[32mok');
  });
});

describe('the backend', () => {
  const loaded = (name: 'tensorflow' | 'wasm' | 'cpu') => ({
    name,
    fingerprint: `${name}/1.0`,
    reason: null,
  });
  const broken = (name: 'tensorflow' | 'wasm' | 'cpu') => ({
    name,
    fingerprint: null,
    reason: 'no file\nstack',
  });

  test('tensorflow is what is wanted', () => {
    expect(judgeBackends([loaded('tensorflow'), loaded('wasm')])).toMatchObject({
      status: 'ok',
      found: 'tensorflow/1.0',
    });
  });

  test('another works, with a warning that says why and what to do', () => {
    expect(judgeBackends([broken('tensorflow'), loaded('wasm'), loaded('cpu')])).toEqual({
      name: 'tfjs backend',
      status: 'warn',
      found: 'wasm/1.0 in use; tensorflow does not load: no file',
      remedy: 'training works, many times slower; for tfjs-node run "npm run setup"',
    });
  });

  test('none is a failure', () => {
    expect(judgeBackends([broken('tensorflow'), broken('wasm')])).toMatchObject({
      status: 'fail',
      found: 'tensorflow does not load: no file; wasm does not load: no file',
    });
  });

  test('that is found here is named first', async () => {
    const [first] = await checkBackends();
    expect(first?.found).toMatch(/^(tensorflow|wasm|cpu)\//);
  });
});

describe('the machine', () => {
  test('this Node and the installed packages are those of package.json', async () => {
    expect(await checkNode()).toMatchObject({ status: 'ok', found: process.version });
    expect(await checkPackages()).toMatchObject({ status: 'ok' });
  });

  test('a directory that is there can be written, one that is not can be created', async () => {
    const directory = await temporaryDirectory();
    expect(await checkDirectory(directory)).toMatchObject({ status: 'ok', found: 'can be written' });
    expect(await checkDirectory(join(directory, 'a', 'b'))).toMatchObject({ found: 'can be created' });
    expect(await readdir(directory)).toEqual([]);
  });

  test('a directory in which nothing can be created fails, for root too', async () => {
    expect(await checkDirectory('/dev/null/runs')).toMatchObject({
      status: 'fail',
      remedy: 'choose another with --dir, or change its permissions',
    });
  });

  test('there is room on the disk, and a port on the loopback address', async () => {
    expect((await checkDisk(await temporaryDirectory())).found).toMatch(/^\d+ MiB$/);
    expect(await checkLoopback()).toMatchObject({ status: 'ok' });
  });
});
