/** What a run will cost, and what it has cost; what is uploaded once. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { estimateRun, parameterCount, shapeBeforeData } from '../../lib/client/estimate.ts';
import { workerHourUsd } from '../../lib/client/prices.ts';
import { LIST_PRICES, PRICED_REGIONS, pricesOf } from '../../lib/client/priceTable.ts';
import { submitRun } from '../../lib/client/submit.ts';
import { prepareDataset } from '../../lib/data/prepare.ts';
import { openLocalStore } from '../../lib/emulator/localStore.ts';
import { manifestSchema } from '../../lib/protocol/dataset.ts';
import { datasetKeys } from '../../lib/protocol/keys.ts';
import { smallMnist, writeFiles } from '../data/idxFiles.ts';
import { padmm } from '../support/commandLine.ts';
import { recordStack } from '../support/recordedStack.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { smallConfig } from '../system/localRun.ts';

const config = smallConfig();
const shape = shapeBeforeData(config.dataset);
if (shape === null) throw new Error('expected digits to tell their shape');
const options = { shape, workers: 2, prices: LIST_PRICES, vcpus: null };

describe('an estimate', () => {
  test.each([28, 14, 7, 1] as const)(
    'knows the shape of MNIST at %d pixels a step',
    async (pixelsPerStep) => {
      const directory = await temporaryDirectory();
      await writeFiles(directory, smallMnist());
      const mnist = smallConfig({ dataset: { kind: 'mnist', pixelsPerStep } }).dataset;
      const { manifest } = await prepareDataset(mnist, { shards: 1, seed: 0, directory });
      const known = shapeBeforeData(mnist);
      expect(known).toMatchObject({ timeSteps: manifest.shape.timeSteps, target: manifest.shape.target });
      expect(known?.input).toMatchObject({ kind: 'dense', features: pixelsPerStep });
    },
  );

  test('counts parameters, rounds, tasks and bytes as the protocol has them', () => {
    // U 28×16, W 16×16, b 16, V 16×10, c 10.
    expect(parameterCount(shape, config.model)).toBe(890);
    const { rounds, tasks, parameterBytes, bytes } = estimateRun(config, options);
    // 12 rounds of 4 shards, evaluations of versions 4, 8 and 12, and the test.
    expect({ rounds, tasks, parameterBytes }).toEqual({ rounds: 12, tasks: 52, parameterBytes: 3560 });
    expect(bytes).toBe(12 * (2 * 4 + 1 + 2 + 4 + 2) * 3560);
  });

  test('with more workers takes less time, never less of their time', () => {
    const [one, four, eight] = [1, 4, 8].map((workers) => estimateRun(config, { ...options, workers }));
    expect(four?.seconds).toBeLessThan(one?.seconds ?? 0);
    expect(eight?.seconds).toBe(four?.seconds);
    expect(eight?.workersUsd).toBeCloseTo(2 * (four?.workersUsd ?? 0), 12);
  });

  test('takes a subproblem that was measured, and prices of its own', () => {
    const slow = estimateRun(config, { ...options, subproblemSeconds: 60 });
    expect(slow.roundSeconds).toBeGreaterThan(120);
    const free = pricesOf(undefined, { gpuWorkerHourUsd: 0 });
    expect(estimateRun(config, { ...options, prices: free }).workersUsd).toBe(0);
    expect(workerHourUsd(LIST_PRICES, 2)).toBeCloseTo(2 * 0.04048 + 4 * 0.004445, 12);
    expect(() => pricesOf(undefined, { s3PutUsd: -1, gold: 1 })).toThrow(/s3PutUsd: .*received -1\n.*gold/);
  });
});

describe('prices', () => {
  test('are of a region, a month or a year, and a source, and nowhere lower than in us-east-1', () => {
    expect(PRICED_REGIONS).toEqual(['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1']);
    for (const region of PRICED_REGIONS) {
      const prices = pricesOf(region);
      expect(prices).toMatchObject({
        region,
        asOf: expect.stringMatching(/^2026/),
        source: expect.any(String),
      });
      for (const vcpus of [null, 2]) {
        expect(workerHourUsd(prices, vcpus)).toBeGreaterThanOrEqual(workerHourUsd(LIST_PRICES, vcpus));
      }
    }
    expect(workerHourUsd(pricesOf('eu-central-1'), 2)).toBeCloseTo(2 * 0.04656 + 4 * 0.00511, 12);
  });

  test('of a region that is not in the table are asked for, never guessed', () => {
    expect(() => pricesOf('sa-east-1')).toThrow(
      /region: expected one with list prices \(us-east-1, .*\), or a file with asOf, source, gpuWorkerHourUsd, .* by --prices FILE, received sa-east-1/,
    );
    expect(() => pricesOf('sa-east-1', { gpuWorkerHourUsd: 0.9 })).toThrow(
      /a file with asOf, source, fargateVcpu/,
    );
    const { region: _, ...all } = LIST_PRICES;
    expect(pricesOf('sa-east-1', { ...all, gpuWorkerHourUsd: 0.9 })).toMatchObject({
      region: 'sa-east-1',
      gpuWorkerHourUsd: 0.9,
    });
    expect(pricesOf(undefined, { ...all, region: 'sa-east-1' }).region).toBe('sa-east-1');
  });
});

async function openCloud() {
  const directory = await temporaryDirectory();
  const local = await openLocalStore({ directory: join(directory, 'cloud') });
  onTestFinished(() => local.close());
  const stack = await recordStack(local.deployment);
  onTestFinished(() => stack.close());
  await writeFile(join(directory, 'run.json'), JSON.stringify(config));
  const ask = (...words: string[]) =>
    padmm([...words, '--endpoint', stack.endpoint], { cwd: directory, env: { AWS_REGION: 'us-east-1' } });
  return { directory, local, ask };
}

test('padmm cost tells it of a config and of a run, and refuses prices that are wrong', async () => {
  const { directory, local, ask } = await openCloud();
  const said = await padmm(['cost', 'run.json', '--json'], { cwd: directory });
  expect(said.exitCode).toBe(0);
  expect(JSON.parse(said.stdout)).toMatchObject({ ...estimateRun(config, options), prices: LIST_PRICES });
  const far = await padmm(['cost', 'run.json', '--region', 'sa-east-1'], { cwd: directory });
  expect(far).toMatchObject({ exitCode: 2, stdout: '' });
  expect(far.stderr).toContain('region: expected one with list prices (us-east-1,');
  const near = await padmm(['cost', 'run.json', '--region', 'eu-west-1'], { cwd: directory });
  expect(near.stdout).toContain('at prices of eu-west-1, 2026');
  await writeFile(join(directory, 'prices.json'), JSON.stringify({ region: 'mars-1', asOf: 'soon' }));
  const wrong = await padmm(['cost', 'run.json', '--prices', 'prices.json'], { cwd: directory });
  expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
  expect(wrong.stderr).toMatch(/prices prices\.json: asOf: expected .*, received "soon"/);
  const { run } = await submitRun(local.connection, { config });
  const { stdout } = await ask('cost', run, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ run, rounds: 0, usd: 0, projectedUsd: null, maxRounds: 12 });
});

test('padmm validate prints the config alone on stdout, and what it takes on stderr', async () => {
  const { directory } = await openCloud();
  const { exitCode, stdout, stderr } = await padmm(['validate', 'run.json'], { cwd: directory });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual(config);
  expect(stderr).toMatch(/^estimate: 12 rounds, 52 tasks, about .* on 2 workers, .* moved$/m);
  expect(stderr).toMatch(/^estimate: .* USD \(workers .*, requests .*\) at prices of us-east-1, 2026-09$/m);
});

test('padmm upload stores a dataset once, and starts nothing', async () => {
  const { local, ask } = await openCloud();
  const first = await ask('upload', 'run.json', '--json');
  expect(first.exitCode, first.stderr).toBe(0);
  const { digest, outcome } = JSON.parse(first.stdout);
  expect(outcome).toBe('created');
  const manifest = await local.connection.store.get(datasetKeys(digest).manifest);
  const { train } = manifestSchema.parse(JSON.parse(new TextDecoder().decode(manifest?.body)));
  expect(train).toHaveLength(4);
  const keysOf = async () => {
    const keys: string[] = [];
    for await (const { key } of local.connection.store.list('')) keys.push(key);
    return keys;
  };
  const keys = await keysOf();
  expect(keys.filter((key) => key.startsWith('runs/'))).toEqual([]);
  expect(JSON.parse((await ask('upload', 'run.json', '--json')).stdout)).toMatchObject({
    digest,
    outcome: 'exists',
  });
  expect(await keysOf()).toEqual(keys);
  const { manifest: submitted } = await submitRun(local.connection, { config });
  expect(submitted.digest).toBe(digest);
});

test('validate says what would be refused for its size, and what number of blocks would do', async () => {
  const directory = await temporaryDirectory();
  const config = { name: 'big', dataset: { kind: 'mnist' }, model: { hiddenUnits: 5000 }, shards: 100 };
  const validate = async (blocks: number) => {
    await writeFile(join(directory, 'big.json'), JSON.stringify({ ...config, consensus: { blocks } }));
    return padmm(['validate', 'big.json'], { cwd: directory });
  };
  const whole = await validate(1);
  expect(whole.exitCode).toBe(0);
  expect(whole.stderr).toContain('in one block, or consensus.blocks of 8, so that');
  expect((await validate(8)).stderr).not.toContain('would refuse');
});
