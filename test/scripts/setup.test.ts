import { lstat, mkdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensurePadmmLink } from '../../scripts/setup/commandLink.mjs';
import { satisfies } from '../../scripts/setup/node.mjs';
import { firstDifference } from '../../scripts/setup/packages.mjs';
import { reasonIn, runQuietly } from '../../scripts/setup/processes.mjs';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

describe('whether packages are to be installed', () => {
  const wanted = {
    packages: {
      '': { version: '0.1.0' },
      'node_modules/zod': { version: '4.6.7' },
      'node_modules/tfjs-node': { version: '4.22.0', optional: true },
      'node_modules/fsevents': { version: '2.3.3', optional: true, os: ['darwin'] },
      'node_modules/wasm-util': { version: '0.1.0', optional: true, peer: true },
    },
  };
  const zod = { 'node_modules/zod': { version: '4.6.7' } };
  const tfjsNode = { 'node_modules/tfjs-node': { version: '4.22.0' } };

  test.for([
    ['all that this platform needs is there', { ...zod, ...tfjsNode }, null],
    ['a package is missing', tfjsNode, 'node_modules/zod: expected 4.6.7, found nothing'],
    [
      'an optional package was removed after its install script failed',
      zod,
      'node_modules/tfjs-node: expected 4.22.0, found nothing',
    ],
    [
      'a package has another version',
      { ...tfjsNode, 'node_modules/zod': { version: '4.0.0' } },
      'node_modules/zod: expected 4.6.7, found 4.0.0',
    ],
  ] as const)('%s', ([, packages, difference]) => {
    expect(firstDifference(wanted, { packages })).toBe(difference);
  });
});

test.for([
  ['v24.21.0', '>=22.19', true],
  ['22.19.0', '>=22.19', true],
  ['v22.18.9', '>=22.19', false],
  ['v20.20.2', '>=22.19', false],
  ['v22.2.0', '>=22.19', false],
] as const)('Node %s meets %s: %s', ([version, range, answer]) => {
  expect(satisfies(version, range)).toBe(answer);
});

describe('a program that is run', () => {
  const run = (source: string, timeoutMs = 60_000) =>
    runQuietly(process.execPath, ['--eval', source], { cwd: '.', timeoutMs });

  test('tells its output and whether it succeeded', () => {
    expect(run('console.log(1); console.error(2)')).toEqual({ ok: true, output: '1\n2\n' });
    expect(run('process.exit(4)').ok).toBe(false);
  });

  test('is ended when its time is up', () => {
    const { ok, output } = run('setInterval(() => {}, 1000)', 200);
    expect(ok).toBe(false);
    expect(output).toContain('ETIMEDOUT');
  });

  test('that does not exist is a failure with a reason', () => {
    const { ok, output } = runQuietly('padmm-no-such-program', [], { cwd: '.', timeoutMs: 60_000 });
    expect(ok).toBe(false);
    expect(output).toContain('ENOENT');
  });

  test.for([
    ['Error: no such host\n    at main\nNode.js v24.21.0\n', 'Error: no such host'],
    ['ERROR: first\nERROR: No matching distribution\n', 'ERROR: No matching distribution'],
    ['nothing special\n\n', 'nothing special'],
    ['', ''],
  ] as const)('gives its reason: %j', ([output, reason]) => {
    expect(reasonIn(output)).toBe(reason);
  });
});

describe('the link of the command', () => {
  async function rootWithBinaries(): Promise<{ root: string; link: string }> {
    const root = await temporaryDirectory();
    await mkdir(join(root, 'node_modules', '.bin'), { recursive: true });
    return { root, link: join(root, 'node_modules', '.bin', 'padmm') };
  }

  test('is made, and left alone where it is right', async () => {
    const { root, link } = await rootWithBinaries();
    ensurePadmmLink(root);
    expect(await readlink(link)).toBe('../../bin/padmm.mjs');
    const { ino } = await lstat(link);
    ensurePadmmLink(root);
    expect((await lstat(link)).ino).toBe(ino);
  });

  test('takes the place of what is wrong', async () => {
    for (const spoil of [(at: string) => writeFile(at, ''), (at: string) => symlink('gone', at)]) {
      const { root, link } = await rootWithBinaries();
      await spoil(link);
      ensurePadmmLink(root);
      expect(await readlink(link)).toBe('../../bin/padmm.mjs');
    }
  });
});
