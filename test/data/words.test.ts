import { describe, expect, it } from 'vitest';
import { Corpus, encodeDocument, tokenizers, wordIds } from '../../lib/data/words.ts';

describe('tokenizers', () => {
  it('cuts reviews in Latin words, without their line breaks', () => {
    expect(tokenizers.imdb("It's GREAT!<br /><br />10/10, café")).toEqual(["it's", 'great', 'caf']);
  });

  it('cuts documents in words of any script', () => {
    expect(tokenizers.text('Ça va? 10 из десяти — 好')).toEqual(['ça', 'va', '10', 'из', 'десяти', '好']);
  });
});

describe('Corpus', () => {
  const read = (documents: string[], vocabularySize: number, timeSteps = 4) => {
    const corpus = new Corpus(timeSteps, tokenizers.text);
    const train = corpus.newDocuments();
    const test = corpus.newDocuments();
    for (const text of documents) corpus.add(train, text, true);
    corpus.add(test, 'b x x x x x', false);
    const vocabulary = corpus.finish(vocabularySize, train, test);
    return { vocabulary, train: [...train.words.view()], test: [...test.words.view()] };
  };

  it('gives the smallest ids to the most frequent words, equally frequent ones in alphabetical order', () => {
    const { vocabulary } = read(['b a c', 'c d b', 'c'], 10);
    expect(vocabulary).toEqual(['<padding>', '<unknown>', 'c', 'b', 'a', 'd']);
  });

  it('keeps the last words, pads at the beginning, and knows no word beyond the vocabulary', () => {
    const { vocabulary, train } = read(['b b b c c a', 'a', ''], 4);
    expect(vocabulary).toEqual(['<padding>', '<unknown>', 'b', 'a']);
    expect(train).toEqual([2, 1, 1, 3, 0, 0, 0, 3, 0, 0, 0, 0]);
  });

  it('lets documents that are not counted add nothing to the vocabulary', () => {
    const { vocabulary, test } = read(['a b'], 10, 6);
    expect(vocabulary).not.toContain('x');
    expect(test).toEqual([3, 1, 1, 1, 1, 1]);
  });

  it('encodes later documents as it encoded these', () => {
    const documents = ['one two two three', 'three', 'one four five six seven'];
    const { vocabulary, train } = read(documents, 5);
    const ids = wordIds(vocabulary);
    const encoded = documents.flatMap((text) => [...encodeDocument(tokenizers.text(text), 4, ids)]);
    expect(encoded).toEqual(train);
  });
});
