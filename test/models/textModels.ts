/** Models that take text, with drawn parameters. */
import type { Model } from '../../lib/models/model.ts';
import { datasetSchema } from '../../lib/protocol/config.ts';
import { syntheticModel } from './syntheticModel.ts';

const trainedOn = { shards: 2, seed: 0 };

/** Reads the last 4 words of a document: friendly or not? */
export function documentModel(): Model {
  const vocabulary = ['<padding>', '<unknown>', 'a', "don't", 'film', 'good'];
  const dataset = datasetSchema.parse({ kind: 'text', file: 'reviews.csv', timeSteps: 4 });
  return {
    ...syntheticModel({
      timeSteps: 4,
      input: { kind: 'oneHot', vocabulary: vocabulary.length, padded: true },
      target: { kind: 'classes', classes: 2 },
      readout: 'last',
    }),
    source: { dataset, ...trainedOn },
    vocabulary,
    classNames: ['bad', 'good'],
  };
}

/** Predicts the next of five characters. */
export function characterModel(cell: 'tanh' | 'relu' = 'tanh'): Model {
  const vocabulary = [' ', 'a', 'b', 'é', '🙂'];
  const dataset = datasetSchema.parse({ kind: 'characters', file: 'text.txt', timeSteps: 6 });
  const model = syntheticModel(
    {
      timeSteps: 6,
      input: { kind: 'oneHot', vocabulary: vocabulary.length, padded: false },
      target: { kind: 'classes', classes: vocabulary.length },
      readout: 'every',
    },
    cell,
  );
  return { ...model, source: { dataset, ...trainedOn }, vocabulary, classNames: vocabulary };
}
