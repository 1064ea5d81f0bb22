/** Whatever a person gives `padmm train` that is wrong: it says what and where, and leaves nothing half-written. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readStoredPart } from '../../lib/cli/evaluationPart.ts';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { encodeSafetensors } from '../../lib/codec/safetensors.ts';
import { IntegrityError } from '../../lib/errors.ts';
import { type DatasetManifest, manifestSchema } from '../../lib/protocol/dataset.ts';
import { datasetKeys } from '../../lib/protocol/keys.ts';
import { idxBytes, smallMnist, writeFiles } from '../data/idxFiles.ts';
import { npyBytes } from '../data/npyFiles.ts';
import { type CommandOutcome, padmm } from '../support/commandLine.ts';
import { MemoryObjectStore } from '../support/memoryCloud.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const MINIMAL = { name: 'bad', dataset: { kind: 'digits', trainSamples: 200, testSamples: 20 } };
const MNIST = { name: 'bad', dataset: { kind: 'mnist' } };

/** Trains in a directory that holds these files, and checks that no other file is there afterwards. */
async function trainWith(
  files: Readonly<Record<string, string | Uint8Array>>,
  words: readonly string[] = [],
): Promise<CommandOutcome> {
  const directory = await temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
  const outcome = await padmm(['train', 'run.json', '--local', '--json', ...words], { cwd: directory });
  const left = await readdir(directory, { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile())).toHaveLength(Object.keys(files).length);
  expect(left.map(({ name }) => name)).not.toContain('.padmm');
  return outcome;
}

const config = (value: unknown) => ({ 'run.json': JSON.stringify(value) });

describe('a run config', () => {
  test.each([
    [
      'that is not there',
      {},
      /run config: run\.json: expected a readable text file in UTF-8, received no such file/,
    ],
    [
      'that is no JSON',
      { 'run.json': '{"name": bad}' },
      /run config: run\.json:1:10: expected JSON, received/,
    ],
    [
      'with wrong fields, each of them',
      config({ ...MINIMAL, name: 'Bad!', shards: 0, solver: { batchSize: 'many' }, momentum: 1 }),
      /run config run\.json:\n {2}name: .*received "Bad!"\n {2}solver\.batchSize: expected number, received "many"\n {2}shards: .*>=1, received 0\n {2}momentum: expected no field named "momentum", received 1/,
    ],
    [
      'with an unknown dataset',
      config({ ...MINIMAL, dataset: { kind: 'cifar' } }),
      /run config run\.json: dataset\.kind: expected .*, received "cifar"/,
    ],
    [
      'whose fields do not suit each other, each of them',
      config({
        ...MINIMAL,
        shards: 3,
        consensus: { mode: 'async', arrivals: 4, blocks: 2, wire: 'float16' },
        solver: { penalty: { input: 0.1 } },
      }),
      /run config run\.json:\n {2}consensus\.arrivals: expected at most the number of shards, 3, received 4\n {2}consensus\.wire: expected "float32" where consensus\.blocks is above 1, received "float16"\n {2}solver\.penalty\.input: expected null .*"digits".*, received 0\.1/,
    ],
    [
      'with a target that is never reached',
      config({
        name: 'bad',
        dataset: {
          kind: 'sequences',
          source: { format: 'npy', inputs: 'x.npy', targets: 'y.npy' },
          task: 'regression',
        },
        stop: { targetAccuracy: 0.9 },
      }),
      /run config run\.json: stop\.targetAccuracy: expected nothing where dataset\.task is "regression", .*received 0\.9/,
    ],
    [
      'with more shards than samples',
      config({ ...MINIMAL, shards: 500 }),
      /run config: shards: expected at most 180, .*, received 500/,
    ],
  ])('%s', async (_, files, message) => {
    const { exitCode, stdout, stderr } = await trainWith(files);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe('data files', () => {
  const { 'train-labels-idx1-ubyte': labels, 'train-images-idx3-ubyte': images } = smallMnist();

  test.each([
    [
      'truncated',
      { 'train-images-idx3-ubyte': images?.subarray(0, -10) },
      /train-images-idx3-ubyte: .*expected .*, received/,
    ],
    [
      'mislabelled',
      { 'train-images-idx3-ubyte': labels },
      /train-images-idx3-ubyte: .*expected .*, received/,
    ],
    [
      'with a label out of range',
      { 'train-labels-idx1-ubyte': idxBytes([40], [...Array(39).fill(1), 17]) },
      /labels\[39\]: expected 0 to 9, received 17/,
    ],
  ])('%s', async (_, changed, message) => {
    const data = await temporaryDirectory();
    const files = Object.entries({ ...smallMnist(), ...changed }).flatMap(([name, bytes]) =>
      bytes === undefined ? [] : [[name, bytes] as const],
    );
    await writeFiles(data, Object.fromEntries(files));
    const { exitCode, stdout, stderr } = await trainWith(config(MNIST), ['--data', data]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(data);
    expect(stderr).toMatch(message);
  });

  test('that are not given', async () => {
    const { exitCode, stderr } = await trainWith(config(MNIST));
    expect(exitCode).toBe(2);
    expect(stderr).toContain('dataset mnist: expected --data DIR with train-images-idx3-ubyte');
  });

  test('with a value that is not finite', async () => {
    const inputs = new Float32Array(20 * 3).fill(0.5);
    inputs[31] = Number.NaN;
    const { exitCode, stderr } = await trainWith({
      ...config({
        name: 'bad',
        dataset: {
          kind: 'sequences',
          source: { format: 'npy', inputs: 'x.npy', targets: 'y.npy' },
          task: 'classification',
        },
      }),
      'x.npy': npyBytes('<f4', [20, 3], inputs),
      'y.npy': npyBytes(
        '<i4',
        [20],
        Int32Array.from({ length: 20 }, (_, i) => i % 2),
      ),
    });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/x\.npy: .*expected .*finite.*, received NaN/);
  });
});

describe('the machine', () => {
  const listening = (): Promise<Server> =>
    new Promise((settle) => {
      const server = createServer().listen(0, '127.0.0.1', () => settle(server));
      onTestFinished(() => void server.close());
    });

  test('has a file where the directory of runs should be', async () => {
    const files = { ...config(MINIMAL), occupied: 'a file' };
    const { exitCode, stdout, stderr } = await trainWith(files, ['--dir', 'occupied/runs']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(
      /padmm: occupied\/runs: expected a directory that can be written, received .*ENOTDIR/,
    );
    for (const command of ['list', 'status']) {
      const directory = await temporaryDirectory();
      await writeFile(join(directory, 'occupied'), '');
      const words = [command, ...(command === 'status' ? ['latest'] : []), '--dir', 'occupied'];
      const looked = await padmm(words, { cwd: directory });
      expect(looked).toMatchObject({ exitCode: 3, stdout: '' });
      expect(looked.stderr).toContain('occupied: expected a directory that can be read, received ENOTDIR');
    }
  });

  test('uses the port for something else', async () => {
    const { port } = (await listening()).address() as AddressInfo;
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'run.json'), JSON.stringify(MINIMAL));
    const words = ['train', 'run.json', '--local', '--port', String(port)];
    const { exitCode, stdout, stderr } = await padmm(words, { cwd: directory });
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(`padmm: port ${port}: expected a free port on 127.0.0.1, but it is in use`);
    expect(await readdir(directory)).toEqual(['run.json']);
    const listed = await padmm(['list', '--json'], { cwd: directory });
    expect(listed).toMatchObject({ exitCode: 0, stdout: '[]\n' });
  });
});

test('a value that is not finite in a stored dataset is named by object and element', async () => {
  const store = new MemoryObjectStore();
  const bytes = encodeSafetensors(
    new Map([
      ['inputs', { shape: [2, 3, 1], data: Float32Array.of(0, 1, 2, 3, Number.POSITIVE_INFINITY, 5) }],
      ['targets', { shape: [2], data: Int32Array.of(0, 1) }],
    ]),
  );
  const part = { samples: 2, digest: sha256Hex(bytes), sizeBytes: bytes.length };
  const manifest: DatasetManifest = manifestSchema.parse({
    schema: 1,
    digest: sha256Hex('a dataset'),
    name: 'made up',
    shape: {
      timeSteps: 3,
      input: { kind: 'dense', features: 1, scale: 1 },
      target: { kind: 'classes', classes: 2 },
      readout: 'last',
    },
    train: [part],
    validation: part,
    test: part,
  });
  const key = datasetKeys(manifest.digest).part('test', 0);
  await expect(readStoredPart(store, manifest, 'test')).rejects.toThrow(`${key}: object: expected a part`);
  await store.create(key, bytes);
  const reading = readStoredPart(store, manifest, 'test');
  await expect(reading).rejects.toThrow(IntegrityError);
  await expect(reading).rejects.toThrow(`${key}: inputs[4]: expected a finite value, received Infinity`);
});
