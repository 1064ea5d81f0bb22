import { expect, test } from 'vitest';
import { preparePart } from '../../lib/cli/evaluationPart.ts';
import { prepareRun } from '../../lib/client/submit.ts';
import { DataError } from '../../lib/errors.ts';
import type { Model } from '../../lib/models/model.ts';
import { testConfig } from '../support/runs.ts';

const config = testConfig({ dataset: { kind: 'digits', trainSamples: 100, testSamples: 12 } });

/** A model that was trained on the config's dataset; `changes` make it one of another. */
async function trainedModel(changes: Partial<Model> = {}): Promise<Model> {
  const { manifest } = await prepareRun({ config });
  const { shape, classNames = [] } = manifest;
  return {
    run: 'test',
    version: 1,
    digest: '',
    dataset: { name: manifest.name, digest: manifest.digest },
    config: config.model,
    shape,
    classNames,
    metrics: { validation: null, test: null },
    parameters: new Map(),
    ...changes,
  };
}

test('held-out data are prepared as for training', async () => {
  const model = await trainedModel();
  expect((await preparePart(model, config, undefined, 'test')).samples).toBe(12);
  expect((await preparePart(model, config, undefined, 'validation')).samples).toBe(10);
});

test('data that mean something else are refused', async () => {
  const { shape } = await trainedModel();
  const other = await trainedModel({ shape: { ...shape, timeSteps: 7 } });
  const preparing = preparePart(other, config, undefined, 'test');
  await expect(preparing).rejects.toThrow(DataError);
  await expect(preparing).rejects.toThrow(/shape: expected what the model was trained on, {"timeSteps":7/);
  const renamed = await trainedModel({ classNames: ['cat', 'dog'] });
  await expect(preparePart(renamed, config, undefined, 'test')).rejects.toThrow(
    /classNames: expected what the model was trained on, 2 names: cat, dog, …, received/,
  );
});
