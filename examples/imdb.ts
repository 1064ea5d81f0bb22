/**
 * Is a film review friendly? `npm run example examples/imdb.ts DIR`, where DIR holds the folder `aclImdb`; without it, on
 * made-up reviews. Then asks the model about a review of one's own.
 */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeInputs, loadBackend, predict, train } from 'padmm';

const FRIENDLY = ['wonderful', 'moving', 'great fun', 'a masterpiece'];
const UNFRIENDLY = ['dull', 'a waste of time', 'badly acted', 'awful'];

/** Reviews in the folders of aclImdb. */
async function makeReviews(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'padmm-imdb-'));
  for (const split of ['train', 'test']) {
    for (const [label, words] of [
      ['pos', FRIENDLY],
      ['neg', UNFRIENDLY],
    ] as const) {
      const folder = join(root, 'aclImdb', split, label);
      await mkdir(folder, { recursive: true });
      for (let i = 0; i < 100; i++) {
        const text = `I saw it in ${1950 + (i % 50)}, and it was ${words[i % words.length]}.`;
        await writeFile(join(folder, `${i}_${label === 'pos' ? 9 : 2}.txt`), text);
      }
    }
  }
  return root;
}

const [given] = process.argv.slice(2);
const small = given === undefined;
const training = train(
  {
    name: 'imdb',
    dataset: { kind: 'imdb', ...(small ? { timeSteps: 12, vocabularySize: 100 } : {}) },
    model: { hiddenUnits: small ? 16 : 64 },
    solver: small ? { batchSize: 40 } : {},
    stop: { maxRounds: small ? 40 : 90 },
  },
  { data: given ?? (await makeReviews()) },
);
const { summary, model } = await training.result;
console.log(`test accuracy ${summary.accuracy}`);

const text = 'What a wonderful evening, a masterpiece!';
const inputs = decodeInputs(new TextEncoder().encode(text), 'review', model);
const { data } = predict(model, inputs, await loadBackend({ threads: 1 }));
console.log(`${text} is friendly with probability ${data[1]?.toFixed(3)}`);
