/**
 * The next character of a text, and a text drawn from the model. `npm run example examples/characters.ts FILE`; without
 * a file, on a rhyme.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { generate, train } from 'padmm';

const RHYME = 'the cat sat on the mat and the rat ran at the cat; ';

async function writeRhyme(): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'padmm-characters-')), 'rhyme.txt');
  await writeFile(path, RHYME.repeat(200));
  return path;
}

const [given] = process.argv.slice(2);
const path = given ?? (await writeRhyme());
const training = train(
  {
    name: 'characters',
    dataset: { kind: 'characters', file: basename(path), timeSteps: 25 },
    model: { hiddenUnits: given === undefined ? 32 : 128 },
    solver: { batchSize: given === undefined ? 30 : 250 },
    stop: { maxRounds: given === undefined ? 40 : 200 },
  },
  { data: dirname(path) },
);
const { summary, model } = await training.result;
console.log(`test loss ${summary.loss?.toFixed(3)} nats a character`);
console.log([...generate(model, { prompt: 'the ', length: 80, temperature: 0.5, seed: 1 })].join(''));
