import { GrowingArray } from './growingArray.ts';
import { byCodeUnits, Interner } from './interner.ts';

/** Id of a step before the beginning of a document. */
export const PADDING = 0;
/** Id of a word that is not in the vocabulary. */
export const UNKNOWN = 1;
/** What stands in a vocabulary for the two ids that are no words. */
const RESERVED = ['<padding>', '<unknown>'] as const;

/** Words of a document, in order. */
export type Tokenizer = (text: string) => string[];

/** How the datasets of words cut documents; `predict` must cut as training did. */
export const tokenizers: { readonly imdb: Tokenizer; readonly text: Tokenizer } = {
  /** Latin letters and apostrophes, in lower case; the reviews' line breaks are mark-up. */
  imdb: (text) =>
    text
      .toLowerCase()
      .replaceAll('<br />', ' ')
      .match(/[a-z']+/g) ?? [],
  /** Letters and digits of any script, with apostrophes, in lower case. */
  text: (text) => text.toLowerCase().match(/[\p{L}\p{M}\p{N}']+/gu) ?? [],
};

/**
 * Ids of the last T words, padded at the beginning.
 *
 * @param idOf id of a word, never `PADDING`.
 */
export function lastWords(
  words: readonly string[],
  timeSteps: number,
  idOf: (word: string) => number,
): Int32Array {
  const ids = new Int32Array(timeSteps).fill(PADDING);
  const kept = words.slice(-timeSteps);
  kept.forEach((word, at) => {
    ids[timeSteps - kept.length + at] = idOf(word);
  });
  return ids;
}

/** Encodes a document by a stored vocabulary, as it was encoded for training. */
export function encodeDocument(
  words: readonly string[],
  timeSteps: number,
  ids: ReadonlyMap<string, number>,
): Int32Array {
  return lastWords(words, timeSteps, (word) => ids.get(word) ?? UNKNOWN);
}

/** Ids by word, from the vocabulary of a manifest. */
export const wordIds = (vocabulary: readonly string[]): ReadonlyMap<string, number> =>
  new Map(vocabulary.slice(RESERVED.length).map((word, at) => [word, RESERVED.length + at]));

/** A vocabulary, and for each word number of an `Interner` its id. */
interface RankedWords {
  readonly vocabulary: readonly string[];
  readonly ids: Int32Array;
}

/** The most frequent words first, equally frequent ones by their code units; what was never counted is left out. */
function rankWords(words: Interner, vocabularySize: number): RankedWords {
  const names = words.names();
  const name = (word: number): string => names[word] as string;
  const chosen = [...names.keys()]
    .filter((word) => words.count(word) > 0)
    .sort((a, b) => words.count(b) - words.count(a) || byCodeUnits(name(a), name(b)))
    .slice(0, vocabularySize - RESERVED.length);
  const ids = new Int32Array(names.length).fill(UNKNOWN);
  chosen.forEach((word, rank) => {
    ids[word] = RESERVED.length + rank;
  });
  return { vocabulary: [...RESERVED, ...chosen.map(name)], ids };
}

/** A set of documents: the last T words of each, by number. */
export interface Documents {
  readonly words: GrowingArray<Int32Array<ArrayBuffer>>;
  count: number;
}

/** Documents that share one vocabulary, read one by one; only the last T words of each stay in memory. */
export class Corpus {
  readonly #words = new Interner();
  readonly #timeSteps: number;
  readonly #tokenize: Tokenizer;

  constructor(timeSteps: number, tokenize: Tokenizer) {
    this.#timeSteps = timeSteps;
    this.#tokenize = tokenize;
  }

  newDocuments(): Documents {
    return { words: new GrowingArray(Int32Array), count: 0 };
  }

  /** @param counted whether the document's words, all of them, decide on the vocabulary. */
  add(documents: Documents, text: string, counted: boolean): void {
    const words = this.#tokenize(text);
    if (counted) for (const word of words) this.#words.add(word);
    const numbers = lastWords(words, this.#timeSteps, (word) => this.#words.add(word, 0) + 1);
    for (const number of numbers) documents.words.push(number);
    documents.count += 1;
  }

  /** Chooses the vocabulary, and replaces in every set of documents the words' numbers by their ids. */
  finish(vocabularySize: number, ...sets: readonly Documents[]): readonly string[] {
    const { vocabulary, ids } = rankWords(this.#words, vocabularySize);
    for (const { words } of sets) {
      const view = words.view();
      view.forEach((number, at) => {
        if (number !== PADDING) view[at] = ids[number - 1] as number;
      });
    }
    return vocabulary;
  }
}
