/** Raw text as a model takes it: cut and numbered as the texts were that it was trained on. */
import { encodeDocument, tokenizers, wordIds } from '../data/words.ts';
import { DataError } from '../errors.ts';
import type { Model } from './model.ts';

/**
 * Ids of a text.
 *
 * @param place where the text stands, for the message of an error: `line 3`.
 * @throws DataError where the model cannot take it.
 */
export type EncodeText = (text: string, path: string, place: string) => number[];

/** Ids of every character of a text, by a model of characters. @throws DataError naming a character that it does not know. */
export function characterEncoder(alphabet: readonly string[]): EncodeText {
  const ids = new Map(alphabet.map((character, id) => [character, id]));
  return (text, path, place) =>
    Array.from(text, (character) => {
      const id = ids.get(character);
      if (id !== undefined) return id;
      const expected = `one of the ${alphabet.length} characters of the model's training text`;
      throw new DataError(path, { field: place, expected, received: JSON.stringify(character) });
    });
}

/**
 * How a model's texts are encoded; null of a model that takes no text, or whose file does not say how texts were cut.
 * Documents may have any length: the last T words count. Characters are taken as they are, T of them.
 */
export function textEncoder({ source, vocabulary }: Pick<Model, 'source' | 'vocabulary'>): EncodeText | null {
  const kind = source?.dataset.kind;
  if (source === undefined || vocabulary === undefined) return null;
  if (kind === 'characters') return characterEncoder(vocabulary);
  if (kind !== 'imdb' && kind !== 'text') return null;
  const { timeSteps } = source.dataset as { readonly timeSteps: number };
  const ids = wordIds(vocabulary);
  const tokenize = tokenizers[kind];
  return (text) => Array.from(encodeDocument(tokenize(text), timeSteps, ids));
}
