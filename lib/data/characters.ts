import { DataError } from '../errors.ts';
import { readTextChunks, resolveDataFile } from './files.ts';
import { GrowingArray } from './growingArray.ts';
import { Interner } from './interner.ts';
import type { ConfigOf, LoadedDataset, LoadOptions, Samples } from './samples.ts';
import { holdOutTest } from './split.ts';

const byCodePoint = (a: string, b: string): number => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0);

/** A text as ids of its characters, which are sorted by code point. */
async function readCharacters(
  path: string,
  options: LoadOptions,
): Promise<{ ids: Int32Array<ArrayBuffer>; alphabet: readonly string[] }> {
  const interner = new Interner();
  const numbers = new GrowingArray<Int32Array<ArrayBuffer>>(Int32Array);
  for await (const chunk of readTextChunks(path, options)) {
    for (const character of chunk) numbers.push(interner.add(character));
  }
  const names = interner.names();
  const alphabet = names.toSorted(byCodePoint);
  const places = new Map(alphabet.map((character, id) => [character, id]));
  const ids = numbers.view();
  ids.forEach((number, at) => {
    ids[at] = places.get(names[number] as string) as number;
  });
  return { ids, alphabet };
}

/** Cuts the text in sequences one after the other; the target of a character is the one that follows it. */
function cutSequences(path: string, ids: Int32Array<ArrayBuffer>, timeSteps: number): Samples {
  const count = Math.floor((ids.length - 1) / timeSteps);
  if (count < 1) {
    const expected = `at least ${timeSteps + 1} characters, for one sequence of ${timeSteps}`;
    throw new DataError(path, { field: 'length', expected, received: `${ids.length}` });
  }
  const length = count * timeSteps;
  return { count, inputs: ids.subarray(0, length), targets: ids.subarray(1, length + 1) };
}

/**
 * Reads a text in UTF-8 as the task to tell the next character at every step. Characters are Unicode code points.
 *
 * @throws DataError where the file cannot be read, is not UTF-8, holds fewer than two characters that differ, or is
 *   shorter than one sequence.
 */
export async function loadCharacters(
  config: ConfigOf<'characters'>,
  options: LoadOptions,
): Promise<LoadedDataset> {
  const path = resolveDataFile(options, config.file);
  const { timeSteps, testFraction } = config;
  const { ids, alphabet } = await readCharacters(path, options);
  const sequences = cutSequences(path, ids, timeSteps);
  if (alphabet.length < 2) {
    const mismatch = {
      field: 'characters',
      expected: 'at least 2 that differ',
      received: `${alphabet.length}`,
    };
    throw new DataError(path, mismatch);
  }
  return {
    name: 'characters',
    shape: {
      timeSteps,
      input: { kind: 'oneHot', vocabulary: alphabet.length, padded: false },
      target: { kind: 'classes', classes: alphabet.length },
      readout: 'every',
    },
    ...holdOutTest(path, sequences, testFraction),
    vocabulary: alphabet,
    classNames: alphabet,
  };
}
