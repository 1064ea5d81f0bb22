/** What can be done with a run after the process that trained it ended. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { decodeSafetensors } from '../../lib/codec/safetensors.ts';
import { openLocalStore } from '../../lib/emulator/localStore.ts';
import { runSummarySchema } from '../../lib/observe/summary.ts';
import type { Metrics } from '../../lib/protocol/figures.ts';
import { datasetKeys, runKeys } from '../../lib/protocol/keys.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { padmm } from '../support/commandLine.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { type Finished, runSmall, smallConfig } from '../system/localRun.ts';

const config = smallConfig({ stop: { maxRounds: 4 }, evaluation: { everyRounds: 2 } });
let directory: string;
let finished: Finished;
let state: RunState;
const runs = () => join(directory, 'runs');
const ask = (...words: string[]) => padmm([...words, '--dir', runs()]);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'padmm-test-'));
  finished = await runSmall({ directory: runs(), workers: 1, config });
  state = finished.view.state;
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe('list', () => {
  test('shows a line a run', async () => {
    const { exitCode, stdout, stderr } = await ask('list');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const [heads, row, ...more] = stdout.trimEnd().split('\n');
    expect(heads?.trim().split(/\s{2,}/)).toEqual(['run', 'status', 'rounds', 'validation', 'test', 'age']);
    const cells = row?.trim().split(/\s{2,}/);
    const percent = (share: number | null | undefined) => `${(100 * (share ?? 0)).toFixed(1)} %`;
    const { validation, test: tested } = state.model ?? {};
    expect(cells?.slice(0, 5)).toEqual([
      state.run,
      'done',
      '4/4',
      percent(validation?.accuracy),
      percent(tested?.accuracy),
    ]);
    expect(more).toEqual([]);
  });

  test('of a directory that is not there says how to start, and makes nothing', async () => {
    const none = join(directory, 'none');
    const { exitCode, stdout, stderr } = await padmm(['list', '--dir', none]);
    expect(exitCode).toBe(0);
    expect(stdout.trim().split(/\s+/)).toEqual(['run', 'status', 'rounds', 'validation', 'test', 'age']);
    expect(stderr).toBe(`${none}: no runs yet; start one with: padmm train CONFIG --local --dir ${none}\n`);
    expect((await padmm(['list', '--json', '--dir', none])).stdout).toBe('[]\n');
    expect(await readdir(directory)).toEqual(['runs']);
  });
});

test('status tells all that is known', async () => {
  const { exitCode, stdout, stderr } = await ask('status', state.run, '--json');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    run: state.run,
    status: 'done',
    reason: '4 rounds',
    session: false,
    rounds: 4,
    residuals: state.residuals,
    waiting: [],
    evaluations: { latest: { version: 4 } },
    model: { ...state.model, digest: finished.digest },
    counters: state.counters,
    workers: ['worker-0'],
    fingerprints: state.fingerprints,
    reproducible: true,
  });
  const text = await ask('status', 'latest');
  expect(text.stderr).toBe(`run ${state.run}\n`);
  expect(text.stdout).toMatch(/^status +done \(4 rounds\)$/m);
  expect(text.stdout).toContain(`SHA-256 ${finished.digest}`);
});

test('watch prints what an ended run came to', async () => {
  const { exitCode, stdout, stderr } = await ask('watch', 'small', '--json');
  expect(exitCode).toBe(0);
  expect(runSummarySchema.parse(JSON.parse(stdout))).toMatchObject({
    run: state.run,
    status: 'done',
    digest: finished.digest,
  });
  expect(stderr).toContain(`${state.run}: done after 4 rounds, test accuracy `);
});

test.each([['resume', '--local'], ['pause']])('%s refuses an ended run', async (...words) => {
  const [command = '', ...options] = words;
  const { exitCode, stdout, stderr } = await ask(command, state.run, ...options);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('expected one that has not ended, received one that is done after 4 rounds');
});

test('report writes one HTML file of several runs, each once', async () => {
  const file = join(directory, 'made', 'report.html');
  const { exitCode, stdout } = await ask('report', 'latest', state.run, '-o', file);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${file}\n` });
  const page = await readFile(file, 'utf8');
  expect(page).toContain(`<title>Training report: ${state.run}</title>`);
  expect(await readdir(join(directory, 'made'))).toEqual(['report.html']);
});

describe('the model', () => {
  test('is downloaded as one file, measured and used from there as from the run', async () => {
    const output = join(directory, 'model');
    const downloaded = await ask('download', 'latest', '-o', output);
    const file = join(output, 'model.safetensors');
    expect(downloaded).toMatchObject({ exitCode: 0, stdout: `${file}\n` });
    const { tensors } = decodeSafetensors(await readFile(file), file);
    expect([...tensors.keys()]).toEqual(['U', 'W', 'b', 'V', 'c']);

    // Workers measure in batches of another size: the sums are rounded elsewhere.
    const like = (metrics: Metrics | null | undefined) => ({
      ...metrics,
      loss: expect.closeTo(metrics?.loss ?? Number.NaN, 5),
    });
    const stored = await ask('evaluate', state.run, '--json');
    expect(JSON.parse(stored.stdout)).toMatchObject({ ...like(state.model?.test), digest: finished.digest });
    const configFile = join(directory, 'config.json');
    await writeFile(configFile, JSON.stringify(config));
    const words = ['evaluate', file, '--config', configFile, '--split', 'validation', '--json'];
    const prepared = await padmm(words);
    const withoutConfig = words.filter((word) => word !== '--config' && word !== configFile);
    expect((await padmm(withoutConfig)).stdout).toBe(prepared.stdout);
    expect(JSON.parse(prepared.stdout)).toMatchObject({
      ...like(state.model?.validation),
      split: 'validation',
    });
  });

  test('is downloaded as layers, into a directory that is free', async () => {
    const output = join(directory, 'layers');
    const downloaded = await ask('download', state.run, '--format', 'layers', '-o', output);
    expect(downloaded).toMatchObject({ exitCode: 0, stdout: `${join(output, 'model.json')}\n` });
    expect((await readdir(output)).sort()).toEqual(['model.json', 'weights.bin']);
    const again = await ask('download', state.run, '--format', 'layers', '-o', output);
    expect(again).toMatchObject({ exitCode: 2, stdout: '' });
    expect(again.stderr).toContain(`${output}: expected a directory that is empty or not there`);
  });

  test('predicts a line a sample, from a file or standard input', async () => {
    const sample = (grey: number) => JSON.stringify(Array(784).fill(grey));
    const lines = `${sample(0)}\n${sample(255)}\n`;
    const file = join(directory, 'samples.jsonl');
    await writeFile(file, lines);
    const fromFile = await ask('predict', 'latest', '--input', file);
    expect(fromFile.exitCode).toBe(0);
    const predictions = fromFile.stdout.trimEnd().split('\n');
    expect(predictions).toHaveLength(2);
    for (const line of predictions) {
      const { class: best, probabilities } = JSON.parse(line);
      expect(probabilities).toHaveLength(10);
      expect(probabilities[best]).toBe(Math.max(...probabilities));
      expect(probabilities.reduce((a: number, b: number) => a + b)).toBeCloseTo(1, 5);
    }
    const fromInput = await padmm(['predict', 'latest', '--input', '-', '--dir', runs()], { input: lines });
    expect(fromInput.stdout).toBe(fromFile.stdout);
    const wrong = await padmm(['predict', 'latest', '--input', '-', '--dir', runs()], { input: '[1, 2]\n' });
    expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
    expect(wrong.stderr).toContain(
      'standard input: line 1: expected 784 numbers (28 steps of 28), received 2',
    );
  });
});

describe('a damaged object is named, with the digest expected and the one received', () => {
  /** Replaces an object by what `change` makes of it; answers with what it was before. */
  async function replaceObject(key: string, change: (bytes: Uint8Array) => Uint8Array): Promise<Uint8Array> {
    const local = await openLocalStore({ directory: runs() });
    try {
      const { store } = local.connection;
      const object = await store.get(key);
      if (object === null) throw new Error(`there is no object ${key}`);
      const outcome = await store.replace(key, change(object.body), object.etag);
      expect(outcome.replaced).toBe(true);
      return object.body;
    } finally {
      await local.close();
    }
  }

  const flipLastBit = (bytes: Uint8Array) => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1);

  /** Does `work` while a bit of an object is flipped. */
  async function withDamaged(key: string, work: (received: string) => Promise<void>): Promise<void> {
    const original = await replaceObject(key, flipLastBit);
    try {
      await work(sha256Hex(flipLastBit(original)));
    } finally {
      await replaceObject(key, () => original);
    }
  }

  test('when it is the model', async () => {
    const { commitId = '', version = 0 } = state.versions[state.model?.version ?? 0] ?? {};
    const key = runKeys(state.run).consensus(version, commitId);
    await withDamaged(key, async (received) => {
      const output = join(await temporaryDirectory(), 'model');
      for (const words of [
        ['download', state.run, '-o', output],
        ['evaluate', state.run],
      ]) {
        const { exitCode, stdout, stderr } = await ask(...words);
        expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
        expect(stderr).toContain(`${key}: SHA-256: expected ${finished.digest}, received ${received}`);
      }
      await expect(readdir(output)).rejects.toThrow('ENOENT');
    });
  });

  test('when it is the test data', async () => {
    const local = await openLocalStore({ directory: runs() });
    const reference = await local.connection.store.get(runKeys(state.run).dataset);
    await local.close();
    const { digest } = JSON.parse(new TextDecoder().decode(reference?.body));
    const key = datasetKeys(digest).part('test', 0);
    await withDamaged(key, async (received) => {
      const { exitCode, stderr } = await ask('evaluate', state.run);
      expect(exitCode).toBe(3);
      expect(stderr).toContain(`${key}: digest: expected `);
      expect(stderr).toContain(`received ${received}`);
    });
  });
});

describe('export', () => {
  test('writes the history for other tools', async () => {
    const made = join(directory, 'exported');
    const [csv, parquet, json] = ['history.csv', 'history.parquet', 'history.json'].map((name) =>
      join(made, name),
    );
    const logs = join(made, 'logs');
    const { exitCode, stdout, stderr } = await ask(
      ...['export', state.run, '--csv', csv, '--parquet', parquet, '--json', json, '--tensorboard', logs].map(
        String,
      ),
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(`${[csv, parquet, json, join(logs, state.run)].join('\n')}\n`);
    // A head and versions 0 to 4.
    expect((await readFile(String(csv), 'utf8')).trimEnd().split('\r\n')).toHaveLength(1 + 5);
    expect(JSON.parse(await readFile(String(json), 'utf8'))).toMatchObject({
      run: state.run,
      status: 'done',
    });
    expect((await readFile(String(parquet))).subarray(0, 4).toString()).toBe('PAR1');
    expect(await readdir(join(logs, state.run))).toEqual(['test', 'train', 'validation']);
  });

  test('of nothing is refused', async () => {
    const { exitCode, stderr } = await ask('export', state.run);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('export: expected --tensorboard, --csv, --parquet or --json with a path');
  });
});

test('a report is Markdown where its file says so', async () => {
  const file = join(directory, 'made', 'report.md');
  const { exitCode, stdout } = await ask('report', 'latest', '-o', file);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${file}\n` });
  expect(await readFile(file, 'utf8')).toContain(`## ${state.run}`);
});
