/** Every program under `examples` runs to its end and says what it is there to say. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { projectDirectory } from '../support/commandLine.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const execute = promisify(execFile);
const PATIENCE_MS = 600_000;
const examples = join(projectDirectory, 'examples');
const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1]);

/** What of a program's output is looked at. */
const programs: Readonly<Record<string, (output: string) => void>> = {
  'mnist.ts': (output) => {
    expect(output).toMatch(/^round 20: /m);
    expect(numberIn(output, /test accuracy (\S+), model [0-9a-f]{64}/)).toBeGreaterThan(0.2);
  },
  'imdb.ts': (output) => {
    expect(numberIn(output, /test accuracy (\S+)/)).toBeGreaterThan(0.9);
    expect(numberIn(output, /with probability (\S+)/)).toBeGreaterThan(0.5);
  },
  'text-csv.ts': (output) => {
    expect(output).toContain('classes cooking, gardening, sailing');
    expect(numberIn(output, /test accuracy (\S+)/)).toBeGreaterThan(0.9);
  },
  'characters.ts': (output) => {
    // Of 17 characters that were equally likely: ln 17 = 2.83.
    expect(numberIn(output, /test loss (\S+) nats/)).toBeLessThan(1.5);
    // Without the line's end alone: what it writes may end in a space.
    expect(output.replace(/\n$/, '').split('\n').at(-1)).toHaveLength(80);
  },
  'custom-dataset.ts': (output) => {
    expect(numberIn(output, /squared error (\S+)/)).toBeLessThan(0.083);
  },
  'stragglers.ts': (output) => {
    expect(output).toMatch(/^sync: 20 updates in \S+ s, validation 0\.\d+$/m);
    expect(output).toMatch(/^async: 80 updates in \S+ s, validation 0\.\d+$/m);
  },
  'cdk.ts': () => {},
};

test('every program is in this list and in the table of the README', async () => {
  const files = (await readdir(examples)).filter((name) => name.endsWith('.ts')).sort();
  expect(Object.keys(programs).sort()).toEqual(files);
  const page = await readFile(join(examples, 'README.md'), 'utf8');
  for (const file of files) expect(page).toContain(`| \`${file}`);
});

test.each(Object.entries(programs))(
  '%s',
  async (name, look) => {
    const cwd = await temporaryDirectory();
    const words = ['--conditions=padmm-source', join(examples, name)];
    const { stdout } = await execute(process.execPath, words, { cwd, env: { ...process.env, TMPDIR: cwd } });
    look(stdout);
    if (name === 'cdk.ts') expect(await readdir(join(cwd, 'cdk.out'))).toContain('Speech.template.json');
  },
  PATIENCE_MS,
);
