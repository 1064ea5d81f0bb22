import { describe, expect, test } from 'vitest';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { encodeSafetensors } from '../../lib/codec/safetensors.ts';
import { IntegrityError, RunFailedError, UsageError } from '../../lib/errors.ts';
import { readModel } from '../../lib/models/readModel.ts';
import type { DatasetManifest } from '../../lib/protocol/dataset.ts';
import { datasetKeys, runKeys } from '../../lib/protocol/keys.ts';
import type { RunState, VersionEntry } from '../../lib/protocol/state.ts';
import { MemoryObjectStore } from '../support/memoryCloud.ts';
import { testConfig, testState } from '../support/runs.ts';
import { DENSE_TASK, syntheticModel } from './syntheticModel.ts';

const { parameters, config: model } = syntheticModel();
const bytes = encodeSafetensors(parameters);
const part = { samples: 1, digest: 'b'.repeat(64), sizeBytes: 1 };
const manifest: DatasetManifest = {
  schema: 1,
  digest: 'a'.repeat(64),
  name: 'drawn',
  shape: DENSE_TASK,
  train: [part],
  validation: part,
  test: part,
  classNames: ['zero', 'one', 'two', 'three'],
};
const validation = { loss: 0.4, accuracy: 0.9, samples: 100 };
const tested = { loss: 0.5, accuracy: 0.88, samples: 200 };
const config = testConfig({ model });
const blank = testState(config);
const { run } = blank;
const keys = runKeys(run);
const entry = { ...(blank.versions[0] as VersionEntry), version: 2, digest: sha256Hex(bytes) };
const done: RunState = {
  ...blank,
  status: 'done',
  version: 3,
  versions: { 2: entry },
  model: { version: 2, validation, test: tested, digest: null },
};

async function storeOf(state: RunState, changes: Readonly<Record<string, string | null>> = {}) {
  const store = new MemoryObjectStore();
  const objects: Record<string, Uint8Array | string | null> = {
    [keys.state]: JSON.stringify(state),
    [keys.config]: JSON.stringify(config),
    [keys.dataset]: JSON.stringify({ schema: 1, digest: manifest.digest }),
    [datasetKeys(manifest.digest).manifest]: JSON.stringify(manifest),
    [keys.consensus(2, entry.commitId)]: bytes,
    ...changes,
  };
  for (const [key, body] of Object.entries(objects)) if (body !== null) await store.create(key, body);
  return store;
}

describe('readModel', () => {
  test('reads the chosen model with what was measured of it', async () => {
    expect(await readModel(await storeOf(done), run)).toEqual({
      run,
      version: 2,
      digest: sha256Hex(bytes),
      dataset: { name: 'drawn', digest: manifest.digest },
      source: { dataset: config.dataset, shards: config.shards, seed: config.seed },
      config: model,
      shape: DENSE_TASK,
      classNames: manifest.classNames,
      metrics: { validation, test: tested },
      parameters,
      manifest,
    });
  });

  test('reads the best version so far of a run that still runs', async () => {
    const best = { version: 2, metrics: validation };
    const evaluations = { ...blank.evaluations, best, latest: best };
    const running: RunState = { ...done, status: 'running', model: null, evaluations };
    const { version, metrics } = await readModel(await storeOf(running), run);
    expect({ version, metrics }).toEqual({ version: 2, metrics: { validation, test: null } });
  });

  test('refuses a run without an evaluated version, and one that failed before', async () => {
    const running = readModel(await storeOf(blank), run);
    await expect(running).rejects.toThrow(UsageError);
    const failed: RunState = { ...blank, status: 'failed', reason: 'shard 1 was refused 5 times' };
    const ended = readModel(await storeOf(failed), run);
    await expect(ended).rejects.toThrow(RunFailedError);
    await expect(ended).rejects.toThrow('shard 1 was refused 5 times');
  });

  test.each(['nonsense', '../other', run])('refuses run %s, which is not there', async (id) => {
    await expect(readModel(new MemoryObjectStore(), id)).rejects.toThrow(UsageError);
  });

  test.each([
    ['the dataset’s digest', keys.dataset, null, 'dataset.json: object: expected the digest of the dataset'],
    ['the manifest', datasetKeys(manifest.digest).manifest, null, 'expected the manifest of the dataset'],
    ['a config that parses', keys.config, '{"name":', 'config.json: (top level): expected JSON'],
    ['the parameters', keys.consensus(2, entry.commitId), null, 'received no object'],
    ['whole parameters', keys.consensus(2, entry.commitId), 'damaged', `expected ${entry.digest}, received`],
  ])('refuses a run without %s', async (_, key, body, message) => {
    const refused = readModel(await storeOf(done, { [key]: body }), run);
    await expect(refused).rejects.toThrow(IntegrityError);
    await expect(refused).rejects.toThrow(message);
  });

  test('refuses a state that lost the version it chose', async () => {
    const refused = readModel(await storeOf({ ...done, versions: {} }), run);
    await expect(refused).rejects.toThrow('versions.2: expected the version of the model, received nothing');
  });
});
