/** All training digits as one shard, on the backend, with what a network is trained on them from. */
import { decodePart } from '../../../lib/data/part.ts';
import { prepareDataset } from '../../../lib/data/prepare.ts';
import { runConfigSchema } from '../../../lib/protocol/config.ts';
import { drawInitialParameters } from '../../../lib/rnn/initialize.ts';
import { parameterShapes } from '../../../lib/rnn/shape.ts';
import type { Backend } from '../../../lib/tensors/backend.ts';
import { uploadParameters } from '../../../lib/tensors/parameters.ts';
import { uploadPart } from '../../../lib/worker/partTensors.ts';
import { digitsConfig } from './digits.ts';

export const SEED = 0;

/** @param dataDirectory of MNIST; generated digits without. */
export async function loadDigitsShard(backend: Backend, dataDirectory: string | undefined) {
  const dataset = digitsConfig(dataDirectory);
  const prepared = await prepareDataset(dataset, { shards: 1, seed: SEED, directory: dataDirectory });
  const { manifest } = prepared;
  const [encoded] = prepared.parts;
  const [described] = manifest.train;
  if (encoded === undefined || described === undefined) throw new Error('expected a shard, received none');
  const configOf = (batchSize: number) =>
    runConfigSchema.parse({ name: 'bench', dataset, solver: { batchSize } });
  const { model } = configOf(1);
  const network = { backend, shape: manifest.shape, model };
  const decoded = decodePart(encoded.bytes, described, manifest.shape, encoded.key);
  const initial = uploadParameters(
    drawInitialParameters(manifest.shape, model, SEED),
    parameterShapes(manifest.shape, model),
  );
  return { configOf, manifest, network, initial, part: uploadPart(network, decoded).value };
}

export type DigitsShard = Awaited<ReturnType<typeof loadDigitsShard>>;
