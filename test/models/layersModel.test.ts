import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { io, type Tensor } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { EnvironmentError, UsageError } from '../../lib/errors.ts';
import { exportLayersModel } from '../../lib/models/layersModel.ts';
import { predict } from '../../lib/models/predict.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import type { Backend } from '../../lib/tensors/backend.ts';
import { describeOnBackends } from '../support/backends.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { syntheticInputs, syntheticModel, TASKS } from './syntheticModel.ts';

const SAMPLES = 9;

/** Reads the directory by the format's definition: the weights of the manifest, one after the other. */
async function load(directory: string): Promise<LayersModel> {
  const json = JSON.parse(await readFile(join(directory, 'model.json'), 'utf8')) as io.ModelJSON;
  const [group] = json.weightsManifest;
  const weights = await readFile(join(directory, group?.paths[0] ?? ''));
  return loadLayersModel(
    io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: group?.weights ?? [],
      weightData: Uint8Array.from(weights).buffer,
    }),
  );
}

function predictWithLayers(
  { tf }: Backend,
  layers: LayersModel,
  shape: TaskShape,
  inputs: ArrayLike<number>,
) {
  const size = shape.input.kind === 'dense' ? [shape.input.features] : [];
  const output = layers.predict(
    tf.tensor(Float32Array.from(inputs), [SAMPLES, shape.timeSteps, ...size]),
  ) as Tensor;
  return { shape: output.shape, data: output.dataSync() };
}

describeOnBackends('a LayersModel', (backend) => {
  describe.each(Object.entries<TaskShape>(TASKS))('of %s', (_, shape) => {
    test.each(['tanh', 'relu'] as const)(
      'predicts what the trainer’s network predicts (%s)',
      async (cell) => {
        const model = syntheticModel(shape, cell);
        const directory = join(await temporaryDirectory(), 'model');
        await exportLayersModel(model, directory, backend());
        const inputs = syntheticInputs(shape, SAMPLES);
        const expected = predict(model, { inputs, samples: SAMPLES }, backend());
        const layers = await load(directory);
        const received = predictWithLayers(backend(), layers, shape, inputs);
        layers.dispose();
        expect(received.shape).toEqual(expected.shape);
        const differences = expected.data.map((value, i) =>
          Math.abs(value - (received.data[i] ?? Number.NaN)),
        );
        expect(Math.max(...differences)).toBeLessThan(1e-5);
        expect(Math.max(...expected.data) - Math.min(...expected.data)).toBeGreaterThan(1e-3);
      },
    );
  });
});

describeOnBackends(
  'exporting a LayersModel',
  (backend) => {
    test('uses SimpleRNN and Dense layers, and says where the model comes from', async () => {
      const directory = join(await temporaryDirectory(), 'model');
      await exportLayersModel(syntheticModel(), directory, backend());
      const json = JSON.parse(await readFile(join(directory, 'model.json'), 'utf8'));
      const layers: { class_name: string }[] = json.modelTopology.config.layers;
      expect(layers.map(({ class_name }) => class_name)).toEqual(['SimpleRNN', 'Dense']);
      expect(json.userDefinedMetadata).toMatchObject({ version: 40, digest: 'd'.repeat(64) });
      expect(await readdir(directory)).toEqual(['model.json', 'weights.bin']);
      expect((await stat(join(directory, 'weights.bin'))).size).toBe(4 * (5 * 6 + 6 * 6 + 6 + 6 * 4 + 4));
    });

    test('leaves no tensors behind', async () => {
      const { tf } = backend();
      const before = tf.memory().numTensors;
      await exportLayersModel(syntheticModel(), join(await temporaryDirectory(), 'model'), backend());
      expect(tf.memory().numTensors).toBe(before);
    });

    test('takes an empty directory, and refuses one with files in it', async () => {
      const parent = await temporaryDirectory();
      await mkdir(join(parent, 'empty'));
      await exportLayersModel(syntheticModel(), join(parent, 'empty'), backend());
      const again = exportLayersModel(syntheticModel(), join(parent, 'empty'), backend());
      await expect(again).rejects.toThrow(UsageError);
      await expect(again).rejects.toThrow(/empty or not there, received one with model.json, weights.bin/);
      expect(await readdir(parent)).toEqual(['empty']);
    });

    test('says where it cannot write', async () => {
      const file = join(await temporaryDirectory(), 'file');
      await writeFile(file, 'in the way');
      const refused = exportLayersModel(syntheticModel(), join(file, 'model'), backend());
      await expect(refused).rejects.toThrow(EnvironmentError);
      await expect(refused).rejects.toThrow(join(file, 'model'));
    });
  },
  ['cpu'],
);
