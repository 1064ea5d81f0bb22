/** Texts with labels from a CSV file that this program writes. `npm run example examples/text-csv.ts` */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { train } from 'padmm';

const TOPICS = {
  cooking: ['stir the soup', 'peel two onions', 'bake the bread slowly', 'salt the water'],
  sailing: ['hoist the main sail', 'the wind turned north', 'coil that rope', 'drop the anchor'],
  gardening: ['water the roses', 'cut back the hedge', 'sow the beans in may', 'turn the compost'],
};

const directory = await mkdtemp(join(tmpdir(), 'padmm-text-'));
const records = Object.entries(TOPICS).flatMap(([topic, texts]) =>
  Array.from(
    { length: 120 },
    (_, i) => `"Day ${i}: ${texts[i % texts.length]}, said my ${i % 3 ? 'aunt' : 'uncle'}.",${topic}`,
  ),
);
await writeFile(join(directory, 'notes.csv'), ['text,label', ...records].join('\n'));

const training = train(
  {
    name: 'notes',
    dataset: { kind: 'text', file: 'notes.csv', timeSteps: 12, vocabularySize: 200 },
    model: { hiddenUnits: 16 },
    solver: { batchSize: 40 },
    stop: { maxRounds: 40 },
  },
  { data: directory },
);
const { summary, model } = await training.result;
console.log(`classes ${model.classNames?.join(', ')}; test accuracy ${summary.accuracy}`);
