/**
 * MNIST, a row of pixels a time step. `npm run example examples/mnist.ts DIR`, where DIR holds the four IDX files; without
 * it, on generated digits.
 */
import { type RunConfigInput, train } from 'padmm';

const [data] = process.argv.slice(2);

const config: RunConfigInput = {
  name: 'mnist',
  dataset: data === undefined ? { kind: 'digits', trainSamples: 2000, testSamples: 400 } : { kind: 'mnist' },
  model: { hiddenUnits: data === undefined ? 32 : 128 },
  stop: { maxRounds: data === undefined ? 20 : 120 },
};

const training = train(config, data === undefined ? {} : { data });
for await (const { round, loss, validation } of training) {
  console.log(`round ${round}: batch loss ${loss?.toFixed(3)}, validation accuracy ${validation?.accuracy}`);
}
const { summary } = await training.result;
console.log(`test accuracy ${summary.accuracy}, model ${summary.digest}`);
