/**
 * Trains on orders: each is a line of JSON on standard input (`Order`), answered by one on standard output (`Done`). Its one
 * argument says threads and data (`TrainerOptions`).
 */
import { createInterface } from 'node:readline';
import { isOnGpu, loadBackend } from '../../../lib/tensors/backend.ts';
import type { Answer, Done, Order, TrainerOptions } from '../throughput.ts';
import { takeAdamSteps } from './adamSteps.ts';
import { loadDigitsShard } from './digitsShard.ts';
import { multiply, ProductMeter } from './products.ts';
import { firstStep, solveSubproblems } from './subproblems.ts';
import { waitForBackend } from './waitForBackend.ts';

/** Steps until the backend is waited for: a GPU may be that far behind. */
const STEPS_BEFORE_WAIT = 32;
/** How often a product is timed on a GPU, where a call returns before it is there. */
const TIMES_ON_GPU = 64;
/** Rows of the matrices whose product is the best that a backend does, unless the order says others. */
const BEST_ROWS = 1024;

const { threads, dataDirectory } = JSON.parse(process.argv[2] ?? '') as TrainerOptions;

const backend = await loadBackend({ threads });
const shard = await loadDigitsShard(backend, dataDirectory);
const { network, manifest, configOf, part, initial } = shard;

/** Amounts of one step after another. */
type Steps = Generator<number, never, undefined>;

const begun = new Map<string, Steps>();
function stepsOf(
  work: 'subproblems' | 'adam' | 'bestProducts',
  { batchSize, rows = BEST_ROWS }: Order,
): Steps {
  const name = `${work}/${batchSize}/${rows}`;
  const begin = {
    subproblems: () => solveSubproblems(network, manifest, configOf(batchSize), part, initial),
    adam: () => takeAdamSteps(shard, batchSize),
    bestProducts: () => multiply(rows),
  }[work];
  const steps = begun.get(name) ?? begin();
  begun.set(name, steps);
  return steps;
}

function workFor(steps: Steps, seconds: number): Done {
  const startMs = performance.now();
  let [amount, taken, passedMs] = [0, 0, 0];
  while (passedMs < 1000 * seconds) {
    amount += steps.next().value;
    taken += 1;
    if (taken % STEPS_BEFORE_WAIT === 0) waitForBackend();
    passedMs = performance.now() - startMs;
  }
  waitForBackend();
  return { amount, seconds: (performance.now() - startMs) / 1000 };
}

let meter: ProductMeter | null = null;

/** The matrix products alone of subproblems. */
function measureProducts(order: Order): Done {
  meter ??= new ProductMeter(isOnGpu(backend.fingerprint) ? TIMES_ON_GPU : 1);
  const before = { operations: meter.operations, seconds: meter.seconds };
  workFor(stepsOf('subproblems', order), order.seconds);
  return { amount: meter.operations - before.operations, seconds: meter.seconds - before.seconds };
}

/** δ of the first subproblem, bytes in base64. */
function answerStep({ batchSize }: Order): { readonly step: string } {
  const { buffer } = firstStep(network, manifest, configOf(batchSize), part, initial);
  return { step: Buffer.from(buffer).toString('base64') };
}

function obey(order: Order): Answer {
  if (order.work === 'step') return answerStep(order);
  if (order.work === 'products') return measureProducts(order);
  return workFor(stepsOf(order.work, order), order.seconds);
}

console.log(backend.fingerprint);
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(obey(JSON.parse(line) as Order)));
}
