/** The package that `npm pack` makes, installed into an empty project of somebody else. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runSummarySchema } from '../../lib/observe/summary.ts';
import { projectDirectory } from '../support/commandLine.ts';
import { makeDirectory, removeDirectory } from '../support/temporaryDirectory.ts';

const execute = promisify(execFile);
const PATIENCE_MS = 900_000;
const MAX_PACKED_BYTES = 3_000_000;
/** Without what has to be fetched from elsewhere than the registry: workers run on WebAssembly. */
const INSTALL = ['install', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];

let directory: string;
let packed: { filename: string; size: number; files: { path: string }[] };

const inProject = (command: string, ...words: string[]) =>
  execute(command, words, { cwd: directory, timeout: PATIENCE_MS, maxBuffer: 2 ** 26 });

beforeAll(async () => {
  directory = await makeDirectory();
  const { stdout } = await execute('npm', ['pack', '--json', '--pack-destination', directory], {
    ...{ cwd: projectDirectory, maxBuffer: 2 ** 26 },
  });
  [packed] = JSON.parse(stdout);
  await writeFile(join(directory, 'package.json'), '{"name":"empty","version":"1.0.0","type":"module"}');
  await inProject('npm', ...INSTALL, `./${packed.filename}`);
}, PATIENCE_MS);

afterAll(() => removeDirectory(directory));

test('it is small, and holds no sources and no tests', () => {
  expect(packed.size).toBeLessThan(MAX_PACKED_BYTES);
  const paths = packed.files.map(({ path }) => path);
  expect(paths).toContain('dist/lib/index.d.ts');
  expect(paths.filter((path) => /^(lib|test|bench|functions|infra)\//.test(path))).toEqual([]);
});

const CONFIG = {
  name: 'installed',
  dataset: { kind: 'digits', trainSamples: 600, testSamples: 100 },
  model: { hiddenUnits: 8 },
  solver: { batchSize: 60 },
  shards: 2,
  stop: { maxRounds: 4 },
};

describe('in a project of its own', () => {
  test(
    'the command trains, and leaves model and report',
    async () => {
      await writeFile(join(directory, 'config.json'), JSON.stringify(CONFIG));
      const { stdout } = await inProject('npx', 'padmm', 'train', 'config.json', '--local', '--json');
      const summary = runSummarySchema.parse(JSON.parse(stdout));
      expect(summary).toMatchObject({ status: 'done', rounds: 4 });
      const report = join(directory, '.padmm', 'runs', summary.run, 'report.html');
      expect(await readFile(report, 'utf8')).toContain(summary.run);
    },
    PATIENCE_MS,
  );

  test(
    'the library trains',
    async () => {
      const program = `
import { generate, train } from 'padmm';
const training = train(${JSON.stringify(CONFIG)}, { directory: 'runs' });
let last;
for await (last of training);
const { summary, model } = await training.result;
console.log(JSON.stringify({ last, summary, parameters: [...model.parameters.keys()], generate: typeof generate }));
`;
      await writeFile(join(directory, 'program.js'), program);
      const { stdout } = await inProject('node', 'program.js');
      expect(JSON.parse(stdout)).toMatchObject({
        last: { status: 'done', round: 4 },
        summary: { status: 'done', rounds: 4 },
        parameters: ['U', 'W', 'b', 'V', 'c'],
        generate: 'function',
      });
    },
    PATIENCE_MS,
  );

  test(
    'its types hold a caller to them',
    async () => {
      const compile = async (name: string, text: string) => {
        await writeFile(join(directory, name), text);
        const compiler = join(projectDirectory, 'node_modules', 'typescript', 'bin', 'tsc');
        const types = ['--typeRoots', join(projectDirectory, 'node_modules', '@types'), '--types', 'node'];
        const options = [
          '--noEmit',
          '--strict',
          '--skipLibCheck',
          '--module',
          'NodeNext',
          '--target',
          'ES2024',
        ];
        return inProject('node', compiler, ...options, ...types, name).then(
          () => '',
          (error: { stdout: string }) => error.stdout,
        );
      };
      const program = (rounds: string) => `
import { type TrainingResult, train } from 'padmm';
const training = train({ name: 'a', dataset: { kind: 'digits' }, stop: { maxRounds: ${rounds} } });
for await (const { round } of training) round satisfies number;
export const result: TrainingResult = await training.result;
`;
      expect(await compile('right.ts', program('4'))).toBe('');
      expect(await compile('wrong.ts', program('"four"'))).toContain(
        "'string' is not assignable to type 'number",
      );
    },
    PATIENCE_MS,
  );
});
