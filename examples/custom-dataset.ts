/**
 * A dataset of one's own: sequences of numbers as NumPy arrays. Here the adding problem (Hochreiter and Schmidhuber 1997): of
 * each sequence two numbers are marked, and their sum is to be told. `npm run example examples/custom-dataset.ts`
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { train } from 'padmm';

const [SAMPLES, STEPS] = [2000, 10];

/** An .npy file of version 1.0 (NumPy, `numpy.lib.format`) of float32 numbers. */
function npy(shape: readonly number[], data: Float32Array): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
  return Buffer.concat([start, Buffer.from(padded), new Uint8Array(data.buffer)]);
}

const inputs = new Float32Array(SAMPLES * STEPS * 2);
const targets = new Float32Array(SAMPLES);
for (let sample = 0; sample < SAMPLES; sample++) {
  const marked = [sample % 5, 5 + (sample % 4)];
  for (let step = 0; step < STEPS; step++) {
    const [value, mark] = [Math.random(), marked.includes(step) ? 1 : 0];
    inputs.set([value, mark], (sample * STEPS + step) * 2);
    targets[sample] = (targets[sample] as number) + value * mark;
  }
}
const directory = await mkdtemp(join(tmpdir(), 'padmm-adding-'));
await writeFile(join(directory, 'inputs.npy'), npy([SAMPLES, STEPS, 2], inputs));
await writeFile(join(directory, 'targets.npy'), npy([SAMPLES, 1], targets));

const training = train(
  {
    name: 'adding',
    dataset: {
      kind: 'sequences',
      source: { format: 'npy', inputs: 'inputs.npy', targets: 'targets.npy' },
      task: 'regression',
    },
    model: { hiddenUnits: 32 },
    solver: { batchSize: 100 },
    stop: { maxRounds: 40 },
  },
  { data: directory },
);
const { summary } = await training.result;
console.log(
  `squared error ${summary.loss?.toFixed(4)} (half of it, as the loss is); of the mean alone about 0.083`,
);
