/** Holds the rule that keeps the rooms apart: data flows one way, and a room knows only the rooms it needs. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { projectDirectory } from './support/commandLine.ts';
import { type Import, importsOf, sourceFiles } from './support/imports.ts';

/**
 * What each room of `lib` is made of, besides `lib/errors.ts` and `lib/protocol`, which all may know. A room may name
 * what the rooms it knows are made of, so the rule is the closure of this table. Each stands below those it knows.
 */
const knows: Readonly<Record<string, readonly string[]>> = {
  codec: [],
  protocol: [],
  consensus: [],
  cloud: ['codec'],
  tensors: ['codec'],
  rnn: ['tensors'],
  data: ['codec'],
  admm: ['tensors', 'rnn'],
  baselines: ['tensors', 'rnn', 'data'],
  coordinator: ['consensus', 'codec', 'cloud'],
  worker: ['admm', 'data', 'cloud'],
  models: ['rnn', 'data', 'codec'],
  client: ['rnn', 'data', 'coordinator', 'cloud'],
  emulator: ['cloud'],
  observe: ['cloud'],
  dashboard: ['client', 'observe'],
  api: ['client', 'emulator', 'models', 'observe'],
  cli: ['api', 'baselines', 'client', 'dashboard', 'emulator', 'models', 'observe', 'worker'],
};

/** Packages that are the business of some rooms, or of a part beside them, alone. */
const keepers: Readonly<Record<string, readonly string[]>> = {
  '@tensorflow/': ['tensors', 'rnn', 'admm', 'baselines', 'worker', 'models'],
  '@aws-sdk/': ['cloud', 'emulator', 'infra'],
  fauxqs: ['emulator'],
  commander: ['cli'],
  hono: ['dashboard'],
  '@hono/': ['dashboard'],
};

/** Files that import what is known only when they run, and why. */
const computedImports: Readonly<Record<string, string>> = {
  'lib/emulator/fauxqs.ts': 'mends modules of a package that it does not export',
  'lib/emulator/lambdaRuntime.ts': 'loads the handler that it is told to, as Lambda does',
};

/** Files above the limit of size, and why each is not cut. */
const largeFiles: Readonly<Record<string, string>> = {
  'lib/protocol/config.ts': 'every option is documented in one place',
};
const MAX_FILE_BYTES = 10_000;
const MAX_BUNDLE_BYTES = 1_000_000;

const sources = (
  await Promise.all(['lib', 'functions', 'infra'].map((top) => sourceFiles(`${top}/**/*.ts`)))
).flat();
const imports = (await Promise.all(sources.map(importsOf))).flat();

/** The room of a file under `lib`, else null. */
const roomOf = (file: string): string | null => /^lib\/([^/]+)\//.exec(file)?.[1] ?? null;
const topOf = (file: string): string => file.split('/')[0] ?? '';
const described = ({ from, to }: Import): string => `${from} imports ${to}`;

function mayKnow(room: string): Set<string> {
  return new Set([room, 'protocol', ...(knows[room] ?? []).flatMap((known) => [...mayKnow(known)])]);
}

describe('rooms', () => {
  test('all are in the table, in an order in which each stands below those it knows', () => {
    const rooms = Object.keys(knows);
    const found = new Set(sources.map(roomOf).filter((room) => room !== null));
    expect([...found].filter((room) => !rooms.includes(room))).toEqual([]);
    for (const [place, [room, known]] of Object.entries(knows).entries()) {
      expect(
        known.filter((other) => rooms.indexOf(other) >= place || !rooms.includes(other)),
        room,
      ).toEqual([]);
    }
  });

  test('know only what the table allows', () => {
    const outward = imports.filter(({ from, kind }) => kind === 'file' && roomOf(from) !== null);
    expect(outward.length).toBeGreaterThan(100);
    const wrong = outward.filter(({ from, to }) => {
      const [room, other] = [roomOf(from) ?? '', roomOf(to)];
      return other !== null && !mayKnow(room).has(other);
    });
    expect(wrong.map(described)).toEqual([]);
  });

  test('reach nothing outside lib but package.json', () => {
    const outward = imports.filter(
      ({ from, to, kind }) => kind === 'file' && topOf(from) === 'lib' && topOf(to) !== 'lib',
    );
    expect(outward.filter(({ to }) => to !== 'package.json').map(described)).toEqual([]);
  });

  test('functions, infra and the command line are imported by none', () => {
    const inward = imports.filter(({ from, to, kind }) => {
      const place = roomOf(to) === 'cli' ? 'lib/cli' : topOf(to);
      return kind === 'file' && ['functions', 'infra', 'lib/cli'].includes(place) && !from.startsWith(place);
    });
    expect(inward.map(described)).toEqual([]);
  });
});

describe('packages', () => {
  const fromPackages = imports.filter(({ kind }) => kind === 'package');

  test.for(Object.entries(keepers))('%s is the business of %j alone', ([name, rooms]) => {
    const users = fromPackages.filter(({ to }) => to.startsWith(name) && !to.startsWith(`${name}-`));
    expect(users.length).toBeGreaterThan(0);
    const strangers = users.filter(({ from }) => !rooms.includes(roomOf(from) ?? topOf(from)));
    expect(strangers.map(described)).toEqual([]);
  });

  test.for(['codec', 'consensus'])('%s needs none', (room) => {
    const users = fromPackages.filter(({ from, to }) => roomOf(from) === room && !to.startsWith('node:'));
    expect(users.map(described)).toEqual([]);
  });

  test('imports that are known only at run time are where they are meant to be', () => {
    const computed = imports.filter(({ kind }) => kind === 'computed').map(({ from }) => from);
    expect([...new Set(computed)].filter((file) => !(file in computedImports))).toEqual([]);
  });
});

test('a source file stays small, or says why not', async () => {
  const sizes = await Promise.all(
    sources.map(async (file) => ({ file, sizeBytes: (await stat(join(projectDirectory, file))).size })),
  );
  const large = sizes.filter(({ sizeBytes }) => sizeBytes > MAX_FILE_BYTES).map(({ file }) => file);
  expect(large.filter((file) => !(file in largeFiles))).toEqual([]);
});

test("the coordinator's bundle is small and holds no TensorFlow.js", async () => {
  const { metafile, outputFiles } = await build({
    absWorkingDir: projectDirectory,
    entryPoints: ['functions/coordinator/index.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    // The Lambda runtime brings the SDK.
    external: ['@aws-sdk/*'],
    write: false,
    metafile: true,
    outfile: 'coordinator.mjs',
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs).toContain('lib/coordinator/commit.ts');
  expect(inputs.filter((file) => /tensorflow|tfjs|ml-matrix/.test(file))).toEqual([]);
  expect(outputFiles[0]?.contents.length).toBeLessThan(MAX_BUNDLE_BYTES);
});
