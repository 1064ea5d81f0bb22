import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { prepareDataset } from '../../lib/data/prepare.ts';
import { textEncoder } from '../../lib/models/encodeText.ts';
import { decodeInputs } from '../../lib/models/readInputs.ts';
import { datasetSchema } from '../../lib/protocol/config.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { syntheticModel } from './syntheticModel.ts';
import { characterModel, documentModel } from './textModels.ts';

const decode = (text: string, model = documentModel(), format?: 'jsonl' | 'text') =>
  decodeInputs(new TextEncoder().encode(text), 'standard input', model, format);

describe('raw text', () => {
  test('is cut and numbered as for training, the last words first to stay', () => {
    const { inputs, samples } = decode("A good film\n\nWorst film ever: I DON'T\r\n");
    expect(samples).toBe(3);
    expect([...inputs]).toEqual([0, 2, 5, 4, 0, 0, 0, 0, 4, 1, 1, 3]);
  });

  test('may stand in JSON lines, beside ids', () => {
    const { inputs } = decode('"a good film"\n[0, 0, 2, 4]\n', documentModel(), 'jsonl');
    expect([...inputs]).toEqual([0, 2, 5, 4, 0, 0, 2, 4]);
  });

  test('of a model of characters has T of them', () => {
    expect([...decode('ab é🙂a', characterModel()).inputs]).toEqual([1, 2, 0, 3, 4, 1]);
    expect(() => decode('ab', characterModel())).toThrow(
      'standard input: line 1: expected 6 token ids, received 2',
    );
    expect(() => decode('abcdef', characterModel())).toThrow(
      'standard input: line 1: expected one of the 5 characters of the model\'s training text, received "c"',
    );
  });

  test('gives the very ids that training stored', async () => {
    const directory = await temporaryDirectory();
    const texts = Array.from({ length: 20 }, (_, i) => `Text ${i % 7}, no. ${i}: it's written «so» über all`);
    const table = texts.map((text, i) => `"${text}",${i % 2}`).join('\n');
    await writeFile(join(directory, 'texts.csv'), `text,label\n${table}\n`);
    const dataset = datasetSchema.parse({
      kind: 'text',
      file: 'texts.csv',
      timeSteps: 9,
      vocabularySize: 12,
    });
    const { manifest } = await prepareDataset(dataset, { directory, shards: 2, seed: 0 });
    const { vocabulary = [], shape } = manifest;
    const model = { ...syntheticModel(shape), vocabulary, source: { dataset, shards: 2, seed: 0 } };
    const { loadText } = await import('../../lib/data/text.ts');
    const loaded = await loadText(dataset as Extract<typeof dataset, { kind: 'text' }>, { directory });
    const stored = [loaded.train, loaded.test].flatMap(({ inputs, count }) =>
      Array.from({ length: count }, (_, i) => inputs.subarray(9 * i, 9 * i + 9).join()),
    );
    const { inputs } = decode(texts.join('\n'), model);
    const encoded = texts.map((_, i) => inputs.subarray(9 * i, 9 * i + 9).join());
    expect(encoded.sort()).toEqual(stored.sort());
  });
});

test('a model of numbers takes none', () => {
  expect(textEncoder(syntheticModel())).toBeNull();
  expect(() => decode('[1]', syntheticModel())).toThrow('expected 35 numbers');
});
