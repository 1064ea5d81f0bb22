/**
 * Trains on orders: each is a line of JSON on standard input (`Order`), answered by one on standard output (`Done`). Its one
 * argument says threads and data (`TrainerOptions`).
 */
import { createInterface } from 'node:readline';
import { trainBaseline } from '../../../lib/baselines/train.ts';
import { decodePart } from '../../../lib/data/part.ts';
import { prepareDataset } from '../../../lib/data/prepare.ts';
import { runConfigSchema } from '../../../lib/protocol/config.ts';
import { drawInitialParameters } from '../../../lib/rnn/initialize.ts';
import { parameterShapes } from '../../../lib/rnn/shape.ts';
import { loadBackend } from '../../../lib/tensors/backend.ts';
import { uploadParameters } from '../../../lib/tensors/parameters.ts';
import { gatherBatch, uploadPart } from '../../../lib/worker/partTensors.ts';
import type { Done, Order, TrainerOptions } from '../throughput.ts';
import { digitsConfig } from './digits.ts';
import { multiply, ProductMeter } from './products.ts';
import { solveSubproblems } from './subproblems.ts';

const { threads, dataDirectory } = JSON.parse(process.argv[2] ?? '') as TrainerOptions;
const SEED = 0;
const LEARNING_RATE = 1e-3;

const backend = await loadBackend({ threads });
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
const part = uploadPart(network, decoded).value;
const initial = uploadParameters(
  drawInitialParameters(manifest.shape, model, SEED),
  parameterShapes(manifest.shape, model),
);

function* takeAdamSteps(batchSize: number): Generator<number, never, undefined> {
  const samples = {
    count: part.samples,
    take: (indices: Int32Array) => gatherBatch(network, part, indices),
  };
  const options = {
    optimizer: { method: 'adam', learningRate: LEARNING_RATE },
    ...{ batchSize, clipNorm: null, seed: SEED },
  } as const;
  for (const _ of trainBaseline(network, initial, samples, options)) yield batchSize;
  throw new Error('expected training without end');
}

/** Amounts of one step after another. */
type Steps = Generator<number, never, undefined>;

const begun = new Map<string, Steps>();
function stepsOf(work: 'subproblems' | 'adam' | 'bestProducts', batchSize: number): Steps {
  const name = `${work}/${batchSize}`;
  const begin = {
    subproblems: () => solveSubproblems(network, manifest, configOf(batchSize), part, initial),
    adam: () => takeAdamSteps(batchSize),
    bestProducts: multiply,
  }[work];
  const steps = begun.get(name) ?? begin();
  begun.set(name, steps);
  return steps;
}

function workFor(steps: Steps, seconds: number): Done {
  const startMs = performance.now();
  let [amount, passedMs] = [0, 0];
  while (passedMs < 1000 * seconds) {
    amount += steps.next().value;
    passedMs = performance.now() - startMs;
  }
  return { amount, seconds: passedMs / 1000 };
}

let meter: ProductMeter | null = null;

/** The matrix products alone of subproblems. */
function measureProducts({ batchSize, seconds }: Order): Done {
  meter ??= new ProductMeter();
  const before = { operations: meter.operations, seconds: meter.seconds };
  workFor(stepsOf('subproblems', batchSize), seconds);
  return { amount: meter.operations - before.operations, seconds: meter.seconds - before.seconds };
}

const obey = (order: Order): Done =>
  order.work === 'products'
    ? measureProducts(order)
    : workFor(stepsOf(order.work, order.batchSize), order.seconds);

console.log(backend.fingerprint);
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(obey(JSON.parse(line) as Order)));
}
