/**
 * Trains on orders: each is a line of JSON on standard input (`Order`), answered by one on standard output (`Done`). Its one
 * argument says threads and data (`TrainerOptions`).
 */
import { createInterface } from 'node:readline';
import { loadBackend } from '../../../lib/tensors/backend.ts';
import type { Done, Order, TrainerOptions } from '../throughput.ts';
import { takeAdamSteps } from './adamSteps.ts';
import { loadDigitsShard } from './digitsShard.ts';
import { multiply, ProductMeter } from './products.ts';
import { solveSubproblems } from './subproblems.ts';

const { threads, dataDirectory } = JSON.parse(process.argv[2] ?? '') as TrainerOptions;

const backend = await loadBackend({ threads });
const shard = await loadDigitsShard(backend, dataDirectory);
const { network, manifest, configOf, part, initial } = shard;

/** Amounts of one step after another. */
type Steps = Generator<number, never, undefined>;

const begun = new Map<string, Steps>();
function stepsOf(work: 'subproblems' | 'adam' | 'bestProducts', batchSize: number): Steps {
  const name = `${work}/${batchSize}`;
  const begin = {
    subproblems: () => solveSubproblems(network, manifest, configOf(batchSize), part, initial),
    adam: () => takeAdamSteps(shard, batchSize),
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
