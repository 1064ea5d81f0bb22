/** A value that a field must refuse, and what the error says was expected instead. */
export type WrongValue = readonly [value: unknown, expected: string];

const notPositiveInteger: readonly WrongValue[] = [
  [0, 'number to be >=1'],
  [1.5, 'int'],
  ['7', 'number'],
];
const notPositive: readonly WrongValue[] = [
  [0, 'number to be >0'],
  ['1', 'number'],
];
const notNonNegative: readonly WrongValue[] = [
  [-0.1, 'number to be >=0'],
  [null, 'number'],
];
const notSection: readonly WrongValue[] = [
  [3, 'object'],
  [[], 'object'],
];
const notText: readonly WrongValue[] = [
  ['', 'string to have >=1 characters'],
  [5, 'string'],
];
const notColumns: readonly WrongValue[] = [
  [[], 'array to have >=1 items'],
  ['pressure', 'array'],
];
const notHalf: readonly WrongValue[] = [
  [0, 'number to be >0'],
  [0.6, 'number to be <=0.5'],
];
const notSharding: readonly WrongValue[] = [['random', 'one of "iid"|"label"|"hash"']];
const notTimeSteps: readonly WrongValue[] = [...notPositiveInteger, [100_001, 'number to be <=100000']];
const notSamples: readonly WrongValue[] = [...notPositiveInteger, [1_000_001, 'number to be <=1000000']];
const notVocabularySize: readonly WrongValue[] = [
  [2, 'number to be >=3'],
  [1_000_001, 'number to be <=1000000'],
];

/** By the name of the field; a test holds that none is missing. */
export const wrongValues: Readonly<Record<string, readonly WrongValue[]>> = {
  $schema: [[1, 'string']],
  name: [
    ['Uppercase', '1 to 40 of a-z, 0-9 and "-", beginning with a letter or digit'],
    ['', '1 to 40 of a-z, 0-9 and "-", beginning with a letter or digit'],
    ['a'.repeat(41), '1 to 40 of a-z, 0-9 and "-", beginning with a letter or digit'],
    ['../../etc', '1 to 40 of a-z, 0-9 and "-", beginning with a letter or digit'],
    [undefined, 'string'],
  ],
  dataset: [['mnist', 'object'], [undefined, 'object'], ...notSection],
  'dataset[digits].trainSamples': notSamples,
  'dataset[digits].testSamples': notSamples,
  'dataset[digits].generatorSeed': [
    [-1, 'number to be >=0'],
    [0.5, 'int'],
  ],
  'dataset[digits].validationFraction': notHalf,
  'dataset[digits].sharding': notSharding,
  'dataset[mnist].pixelsPerStep': [
    [2, 'one of 28|14|7|1'],
    ['28', 'one of 28|14|7|1'],
  ],
  'dataset[mnist].validationFraction': notHalf,
  'dataset[mnist].sharding': notSharding,
  'dataset[imdb].timeSteps': notTimeSteps,
  'dataset[imdb].vocabularySize': notVocabularySize,
  'dataset[imdb].validationFraction': notHalf,
  'dataset[imdb].sharding': notSharding,
  'dataset[text].file': notText,
  'dataset[text].testFile': notText,
  'dataset[text].testFraction': notHalf,
  'dataset[text].textField': notText,
  'dataset[text].labelField': notText,
  'dataset[text].timeSteps': notTimeSteps,
  'dataset[text].vocabularySize': notVocabularySize,
  'dataset[text].validationFraction': notHalf,
  'dataset[text].sharding': notSharding,
  'dataset[characters].file': notText,
  'dataset[characters].timeSteps': notTimeSteps,
  'dataset[characters].testFraction': notHalf,
  'dataset[characters].validationFraction': notHalf,
  'dataset[characters].sharding': notSharding,
  'dataset[sequences].source': notSection,
  'dataset[sequences].source[csv].file': notText,
  'dataset[sequences].source[csv].testFile': notText,
  'dataset[sequences].source[csv].sampleColumn': notText,
  'dataset[sequences].source[csv].inputColumns': notColumns,
  'dataset[sequences].source[csv].targetColumns': notColumns,
  'dataset[sequences].source[npy].inputs': notText,
  'dataset[sequences].source[npy].targets': notText,
  'dataset[sequences].source[npy].test': notSection,
  'dataset[sequences].source[npy].test.inputs': notText,
  'dataset[sequences].source[npy].test.targets': notText,
  'dataset[sequences].task': [['ranking', 'one of "classification"|"regression"']],
  'dataset[sequences].readout': [['first', 'one of "last"|"every"']],
  'dataset[sequences].scale': notPositive,
  'dataset[sequences].testFraction': notHalf,
  'dataset[sequences].validationFraction': notHalf,
  'dataset[sequences].sharding': notSharding,
  model: notSection,
  'model.cell': [['lstm', 'one of "tanh"|"relu"']],
  'model.hiddenUnits': [...notPositiveInteger, [8193, 'number to be <=8192']],
  'model.initializer': notSection,
  'model.initializer[orthogonal].gain': notPositive,
  'model.initializer[gaussian].gain': notNonNegative,
  'model.initializer[normal].standardDeviation': notPositive,
  'model.embeddingDeviation': notPositive,
  solver: notSection,
  'solver.batchSize': notPositiveInteger,
  'solver.outputPenalty': notPositive,
  'solver.penalty': notSection,
  'solver.penalty.recurrent': notPositive,
  'solver.penalty.readout': notPositive,
  'solver.penalty.input': notPositive,
  'solver.gain': notPositive,
  'solver.balanceLimit': notNonNegative,
  'solver.innerSweeps': [...notPositiveInteger, [101, 'number to be <=100']],
  'solver.stepLength': [['half', 'one of "search"|"full"']],
  consensus: notSection,
  'consensus.mode': [['parallel', 'one of "sync"|"async"']],
  'consensus.arrivals': notPositiveInteger,
  'consensus.maxStaleness': [
    [-1, 'number to be >=0'],
    [1.5, 'int'],
  ],
  'consensus.momentum': [
    [1, 'number to be <1'],
    [-0.1, 'number to be >=0'],
  ],
  'consensus.relaxation': [
    [0, 'number to be >0'],
    [2, 'number to be <2'],
  ],
  'consensus.weightDecay': notNonNegative,
  'consensus.balancing': notSection,
  'consensus.blocks': [
    [0, 'one of 1|2|4|8|16|32|64'],
    [3, 'one of 1|2|4|8|16|32|64'],
    ['8', 'one of 1|2|4|8|16|32|64'],
  ],
  'consensus.averagedVersions': [
    [-1, 'number to be >=0'],
    [101, 'number to be <=100'],
    [1.5, 'int'],
  ],
  'consensus.wire': [['float64', 'one of "float32"|"bfloat16"|"float16"']],
  'consensus.useDuals': [['yes', 'boolean']],
  stop: notSection,
  'stop.plateau': notSection,
  'stop.residuals': notSection,
  'stop.maxRounds': notSamples,
  'stop.maxCostUsd': notPositive,
  'stop.maxWallSeconds': notPositive,
  'stop.maxWorkerSeconds': notPositive,
  'stop.targetAccuracy': [
    [0, 'number to be >0'],
    [95, 'number to be <=1'],
  ],
  evaluation: notSection,
  'evaluation.everyRounds': notPositiveInteger,
  'evaluation.delayRounds': notPositiveInteger,
  worker: notSection,
  'worker.threads': [...notPositiveInteger, [257, 'number to be <=256']],
  faults: notSection,
  'faults.backupFactor': [[0.5, 'number to be >=1']],
  'faults.backupQuantile': [
    [0, 'number to be >0'],
    [1.1, 'number to be <=1'],
  ],
  'faults.capacitySeconds': notPositive,
  'faults.leaseSeconds': notPositive,
  'faults.maxAttempts': [...notPositiveInteger, [101, 'number to be <=100']],
  'faults.onShardFailure': [['ignore', 'one of "fail"|"giveUp"']],
  'faults.retrySeconds': notPositive,
  'faults.unformedSeconds': notPositive,
  'faults.unstartedSeconds': notPositive,
  retention: notSection,
  'retention.versions': [...notPositiveInteger, [10_001, 'number to be <=10000']],
  prices: notSection,
  'prices.taskUsd': notNonNegative,
  'prices.workerHourUsd': notNonNegative,
  shards: [...notPositiveInteger, [10_001, 'number to be <=10000']],
  seed: [
    [-1, 'number to be >=0'],
    [2 ** 31, 'number to be <=2147483647'],
    ['random', 'number'],
  ],
};
