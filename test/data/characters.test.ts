import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCharacters } from '../../lib/data/characters.ts';
import type { ConfigOf, Samples } from '../../lib/data/samples.ts';
import { DataError } from '../../lib/errors.ts';
import { datasetSchema } from '../../lib/protocol/config.ts';
import { freshDirectory } from './idxFiles.ts';

async function load(content: string | Uint8Array, options: object = {}) {
  const directory = await freshDirectory();
  await writeFile(join(directory, 'a.txt'), content);
  const config = datasetSchema.parse({ kind: 'characters', file: 'a.txt', timeSteps: 4, ...options });
  return loadCharacters(config as ConfigOf<'characters'>, { directory });
}

const rows = (array: Samples['inputs'] | Samples['targets'], alphabet: readonly string[]): string[] =>
  [...array]
    .map((id) => alphabet[id])
    .join('')
    .match(/.{4}/gsu) ?? [];

describe('loadCharacters', () => {
  it('asks at every step for the next character', async () => {
    const text = 'the quick brown fox jumps over the lazy dog 😀é';
    const { train, test, vocabulary = [], shape } = await load(text);
    expect(vocabulary).toEqual(
      [...new Set(text)].sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0)),
    );
    expect(vocabulary.slice(-2)).toEqual(['é', '😀']);
    expect(shape).toMatchObject({
      input: { vocabulary: vocabulary.length, padded: false },
      readout: 'every',
    });
    const inputs = [...rows(train.inputs, vocabulary), ...rows(test.inputs, vocabulary)];
    const targets = [...rows(train.targets, vocabulary), ...rows(test.targets, vocabulary)];
    expect([train.count, test.count]).toEqual([10, 1]);
    expect(inputs.toSorted()).toEqual(([...text].slice(0, 44).join('').match(/.{4}/gu) ?? []).toSorted());
    inputs.forEach((input, at) => {
      const place = text.indexOf(input);
      expect([...text.slice(place)].slice(1, 5).join('')).toBe(targets[at]);
    });
  });

  it('holds out the same sequences whatever the run', async () => {
    const text = Array.from({ length: 400 }, (_, i) => String.fromCharCode(97 + ((i * i) % 23))).join('');
    expect(await load(text)).toEqual(await load(text));
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    [
      'a text shorter than a sequence',
      'abcd',
      /a\.txt: length: expected at least 5 characters, .* received 4/,
    ],
    ['an empty file', '', /length: expected at least 5 characters, .* received 0/],
    [
      'a text of one character',
      'aaaaaaaaaaaaaaaa',
      /characters: expected at least 2 that differ, received 1/,
    ],
    ['bytes that are not UTF-8', Uint8Array.of(0x61, 0xc3, 0x28), /encoding: expected UTF-8/],
  ])('refuses %s', async (_, content, message) => {
    await expect(load(content)).rejects.toThrow(DataError);
    await expect(load(content)).rejects.toThrow(message);
  });
});
