import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import type { Sequential } from '@tensorflow/tfjs-layers';
import { EnvironmentError, PadmmError, UsageError } from '../errors.ts';
import type { Backend } from '../tensors/backend.ts';
import { buildLayers } from './layersNetwork.ts';
import type { Model } from './model.ts';

const WEIGHTS_FILE = 'weights.bin';

/** The two files of the format: the topology with the weights' names and shapes, and the weights themselves. */
interface LayersFiles {
  readonly json: string;
  readonly weights: Uint8Array;
}

/** What a reader of `model.json` should know of the model, beside its layers. */
function describe({ run, version, digest, dataset, shape, classNames, metrics }: Model) {
  const inputs = 'as the dataset stores them: a dense input is scaled by the layers themselves';
  return { run, version, digest, dataset, inputs, shape, classNames, metrics };
}

async function serialise(network: Sequential, model: Model): Promise<LayersFiles> {
  let files: LayersFiles | null = null;
  const handler = io.withSaveHandler(async (artifacts) => {
    const { modelTopology, weightSpecs = [], weightData = new ArrayBuffer(0) } = artifacts;
    const json = JSON.stringify({
      format: 'layers-model',
      generatedBy: artifacts.generatedBy ?? 'padmm',
      convertedBy: null,
      modelTopology,
      weightsManifest: [{ paths: [WEIGHTS_FILE], weights: weightSpecs }],
      userDefinedMetadata: describe(model),
    });
    files = { json, weights: new Uint8Array(io.CompositeArrayBuffer.join(weightData)) };
    return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
  });
  await network.save(handler);
  if (files === null) throw new PadmmError('LayersModel: expected the layers to be saved, received nothing');
  return files;
}

async function refuseOccupied(directory: string): Promise<void> {
  const entries = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length === 0) return;
  const received = `one with ${entries.slice(0, 3).join(', ')}`;
  throw new UsageError(`${directory}: expected a directory that is empty or not there, received ${received}`);
}

/** Writes both files into a directory beside the target, and gives it the target's name once it is whole. */
async function writeDirectory(target: string, { json, weights }: LayersFiles): Promise<void> {
  const unfinished = join(dirname(target), `.${basename(target)}-${randomUUID()}`);
  await mkdir(unfinished, { recursive: true });
  try {
    await writeFile(join(unfinished, WEIGHTS_FILE), weights);
    await writeFile(join(unfinished, 'model.json'), json);
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Writes a model as a TF.js LayersModel, `model.json` and `weights.bin` in a directory: what
 * `tf.loadLayersModel` reads. The layers are those of {@link buildLayers}.
 * The directory appears whole or not at all.
 *
 * Source of the format: TensorFlow.js, `ModelJSON` in `tfjs-core/src/io/types.ts`.
 *
 * @throws UsageError where the directory has files in it; EnvironmentError where it cannot be written.
 */
export async function exportLayersModel(model: Model, directory: string, backend: Backend): Promise<void> {
  const target = resolve(directory);
  const network = buildLayers(model, backend);
  try {
    await refuseOccupied(target);
    await writeDirectory(target, await serialise(network, model));
  } catch (error) {
    if (error instanceof PadmmError || !(error instanceof Error) || !('code' in error)) throw error;
    const message = `${target}: expected a directory that can be written, received ${error.message}`;
    throw new EnvironmentError(message, { cause: error });
  } finally {
    network.dispose();
  }
}
