/**
 * The run config: one JSON file that says everything a run depends on. Every option is documented here, with
 * its unit, bounds and default, and nowhere else; the published JSON Schema is made from these definitions.
 */
import * as z from 'zod';
import { BLOCK_COUNTS } from './blocks.ts';

const positiveInteger = z.int().min(1);
const nonNegative = z.number().min(0);
const positive = z.number().gt(0);

/** How the samples of the training split are dealt out to the shards. */
export const shardingSchema = z
  .enum(['iid', 'label', 'hash'])
  .default('iid')
  .describe(
    'iid: a seeded permutation, cut in equal parts; label: sorted by label, so that shards differ; hash: by the digest of a sample.',
  );

const splitOptions = {
  validationFraction: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.1)
    .describe('Part of the training samples held out for selection, tuning and stopping.'),
  sharding: shardingSchema,
};

const testFraction = z
  .number()
  .gt(0)
  .max(0.5)
  .default(0.1)
  .describe(
    'Part of the samples held out as test set where the data have none; the same samples whatever the seed.',
  );

const dataFile = z
  .string()
  .min(1)
  .describe('Path, taken from the directory of --data where one is given, else from the working directory.');

const wordOptions = {
  timeSteps: positiveInteger
    .max(100_000)
    .default(120)
    .describe('T: the last words of a document that are read; shorter ones are padded at their beginning.'),
  vocabularySize: z
    .int()
    .min(3)
    .max(1_000_000)
    .default(10_000)
    .describe('Most frequent words that are told apart, with 2 for padding and unknown words.'),
};

const sequenceSourceSchema = z.discriminatedUnion('format', [
  z.strictObject({
    format: z
      .literal('csv')
      .describe('A table with a header, .csv, .tsv or .jsonl; one line is one time step of one sample.'),
    file: dataFile,
    testFile: dataFile.optional().describe('A table of the same form; without it testFraction is held out.'),
    sampleColumn: z
      .string()
      .min(1)
      .default('sample')
      .describe('Names the sample of a line; lines of one sample are together, in the order of time.'),
    inputColumns: z.array(z.string().min(1)).min(1).describe('Columns of the n inputs.'),
    targetColumns: z
      .array(z.string().min(1))
      .min(1)
      .describe(
        'Columns of the K values, or the one of the class; with readout last, read in the last line.',
      ),
  }),
  z.strictObject({
    format: z.literal('npy').describe('NumPy arrays in C order.'),
    inputs: dataFile.describe('Numbers (samples, T, n), or (samples, T) where n = 1.'),
    targets: dataFile.describe(
      'Class ids from 0, or values; (samples) and (samples, K), with readout every (samples, T) and (samples, T, K).',
    ),
    test: z
      .strictObject({ inputs: dataFile, targets: dataFile })
      .optional()
      .describe('Arrays of the same form; without them testFraction is held out.'),
  }),
]);

export const datasetSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('digits').describe('Generated pictures of digits, one row of pixels a time step.'),
    trainSamples: positiveInteger
      .max(1_000_000)
      .default(12_000)
      .describe('Samples before validation is held out.'),
    testSamples: positiveInteger.max(1_000_000).default(2_000),
    generatorSeed: z.int().min(0).default(0),
    ...splitOptions,
  }),
  z.strictObject({
    kind: z
      .literal('mnist')
      .describe('The four MNIST IDX files, plain or gzipped, one row of pixels a time step.'),
    pixelsPerStep: z
      .literal([28, 14, 7, 1])
      .default(28)
      .describe('28: by rows (28 steps); 14: half rows (56); 7: quarter rows (112); 1: by pixels (784).'),
    ...splitOptions,
  }),
  z.strictObject({
    kind: z
      .literal('imdb')
      .describe('The film reviews of aclImdb, a word a time step: is a review friendly?'),
    ...wordOptions,
    ...splitOptions,
  }),
  z.strictObject({
    kind: z.literal('text').describe('Documents with labels, a word a time step.'),
    file: dataFile.describe('Documents, one a record: .csv or .tsv with a header, or .jsonl.'),
    testFile: dataFile.optional().describe('A file of the same form; without it testFraction is held out.'),
    testFraction,
    textField: z.string().min(1).default('text').describe('Column or property of the document.'),
    labelField: z.string().min(1).default('label').describe('Column or property of the label.'),
    ...wordOptions,
    ...splitOptions,
  }),
  z.strictObject({
    kind: z
      .literal('characters')
      .describe('The next character at every step of a text in UTF-8, cut in sequences one after the other.'),
    file: dataFile,
    timeSteps: positiveInteger.max(100_000).default(25).describe('T: characters of a sequence.'),
    testFraction,
    ...splitOptions,
  }),
  z.strictObject({
    kind: z.literal('sequences').describe('Sequences of numbers, all of one length T.'),
    source: sequenceSourceSchema,
    task: z
      .enum(['classification', 'regression'])
      .describe('Whether targets are classes (cross-entropy) or values (squared error).'),
    readout: z.enum(['last', 'every']).default('last').describe('Targets at the last step or at every one.'),
    scale: positive.default(1).describe('The network sees the inputs times this; 1/255 suits bytes.'),
    testFraction,
    ...splitOptions,
  }),
]);

export const initializerSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('orthogonal').describe('W orthogonal times gain; U and V Gaussian, scaled by fan-in.'),
      gain: positive.default(1),
    }),
    z.strictObject({ kind: z.literal('glorot').describe('U, W, V uniform in ±√(6 / (fan-in + fan-out)).') }),
    z.strictObject({
      kind: z.literal('gaussian').describe('W Gaussian with deviation gain / √H; U and V scaled by fan-in.'),
      gain: nonNegative.default(1),
    }),
    z.strictObject({
      kind: z.literal('normal').describe("U, W and V Gaussian with one deviation; 0.01 is the paper's."),
      standardDeviation: positive.default(0.01),
    }),
  ])
  .prefault({ kind: 'orthogonal' });

export const modelSchema = z.strictObject({
  cell: z.enum(['tanh', 'relu']).default('tanh').describe('Activation of the recurrent cell.'),
  hiddenUnits: positiveInteger.max(8192).default(128).describe('H, the width of the hidden state.'),
  initializer: initializerSchema,
  embeddingDeviation: positive.default(0.05).describe('Deviation of the rows of U where inputs are one-hot.'),
});

export const penaltySchema = z
  .strictObject({
    recurrent: positive
      .optional()
      .describe(
        'σ of W and b, and of U where inputs are dense. Default: 1/280 for every time step that an output depends on (all T where it is read at the last step, else 1), at most 0.1.',
      ),
    readout: positive.default(0.05).describe('σ_out of V and c.'),
    input: positive
      .nullable()
      .optional()
      .describe(
        'σ_in of U by itself, for one-hot inputs only; null solves U together with W. Default: 0.01 where inputs are one of more than 1,000 ids, else null.',
      ),
  })
  .prefault({});

export const solverSchema = z
  .strictObject({
    batchSize: positiveInteger.default(250).describe('Samples a shard draws for one subproblem.'),
    outputPenalty: positive.default(1).describe('ρ of the o-step, the proximal operator of the loss.'),
    penalty: penaltySchema,
    gain: positive
      .optional()
      .describe(
        'Factor on the targets of the s-step. Default: 28 / T where outputs are read at the last step, 2 / T where inputs are one of more than 1,000 ids besides; at most 1, which it is where outputs are read at every step.',
      ),
    balanceLimit: nonNegative
      .default(1000)
      .describe('Largest factor by which the penalty of one time step is balanced; 0 turns balancing off.'),
    innerSweeps: positiveInteger
      .max(100)
      .default(1)
      .describe('Sweeps of one subproblem; from the second on, the last step has multipliers.'),
    stepLength: z
      .enum(['search', 'full'])
      .default('search')
      .describe('search: 1.2 times the step, or less where the batch loss grows by half; full: as it is.'),
  })
  .prefault({});

export const consensusSchema = z
  .strictObject({
    mode: z.enum(['sync', 'async']).default('sync').describe('SP-ADMMiRNN or AP-ADMMiRNN.'),
    arrivals: positiveInteger
      .optional()
      .describe('A: in async mode, how many shards arrive before z is formed anew. Default: 1.'),
    maxStaleness: z
      .int()
      .min(0)
      .optional()
      .describe('τ: in async mode, the largest staleness of a contribution at its take-in. Default: 2 N.'),
    momentum: z
      .number()
      .min(0)
      .lt(1)
      .optional()
      .describe('μ: z̃ = z + μ · velocity. Default: 0.8 in sync mode where inputs are ids, else 0.5.'),
    relaxation: z.number().gt(0).lt(2).default(1).describe('α: over-relaxation of θ_i; 1 turns it off.'),
    weightDecay: nonNegative
      .optional()
      .describe(
        'λ of the consensus proximal step z = w̄ / (1 + λ / σ) of weights. Default: 0.002 times the first σ of each group; 0 turns it off.',
      ),
    balancing: z
      .strictObject({
        ratio: z.number().gt(1).default(10).describe('Times by which one residual has to exceed the other.'),
        factor: z.number().gt(1).default(2).describe('By which σ is then multiplied or divided.'),
      })
      .nullable()
      .default(null)
      .describe(
        'σ grows where the primal residual exceeds the dual one, and falls where it is the other way round; null: σ stays.',
      ),
    averagedVersions: z
      .int()
      .min(0)
      .max(100)
      .default(8)
      .describe(
        'Versions with the lowest validation losses whose mean is one more candidate for the model; 0 or 1: none.',
      ),
    blocks: z
      .literal(BLOCK_COUNTS)
      .default(1)
      .describe(
        'K: blocks that the parameters are cut in, each averaged by a function of its own. The result is the same; it pays where N times the size of the parameters is more than one function reads in time.',
      ),
    wire: z
      .enum(['float32', 'bfloat16', 'float16'])
      .default('float32')
      .describe(
        'What contributions are rounded to before they are stored, sent and averaged; two bytes a number halve what workers write and the coordinator reads. z stays float32. Needs blocks = 1.',
      ),
    useDuals: z.boolean().default(true).describe('false leaves y_i = 0: plain averaging, for comparison.'),
  })
  .prefault({});

export const stopSchema = z
  .strictObject({
    maxRounds: positiveInteger.max(1_000_000).default(120).describe('Consensus updates.'),
    targetAccuracy: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe('Stop once the validation accuracy reaches this; takes effect after evaluation.delayRounds.'),
    plateau: z
      .strictObject({
        evaluations: positiveInteger
          .max(1000)
          .default(5)
          .describe('Losses on either side of the comparison.'),
        minDecrease: z
          .number()
          .min(0)
          .lt(1)
          .default(0.001)
          .describe('Share by which the lowest has to fall.'),
      })
      .nullable()
      .default(null)
      .describe(
        'Stop when the lowest of the last validation losses is no lower than that of as many before; takes effect after evaluation.delayRounds. null: never.',
      ),
    residuals: z
      .strictObject({
        absolute: nonNegative.default(1e-4).describe('ε_abs, times the root of the number of parameters.'),
        relative: nonNegative.default(1e-3).describe('ε_rel, times the norms of z and of the duals.'),
      })
      .nullable()
      .default(null)
      .describe('Stop when the primal and the dual residual are below these tolerances. null: never.'),
    maxWallSeconds: positive
      .nullable()
      .default(null)
      .describe('Finish so long after submission, pauses left out; null: no limit.'),
    maxWorkerSeconds: positive
      .nullable()
      .default(null)
      .describe('Finish when all workers together have worked for so long; null: no limit.'),
    maxCostUsd: positive
      .nullable()
      .default(null)
      .describe('Finish when the run has cost so much, at the prices of `prices`; null: no limit.'),
  })
  .prefault({});

export const evaluationSchema = z
  .strictObject({
    everyRounds: positiveInteger.default(10).describe('Versions between two evaluations on validation data.'),
    delayRounds: positiveInteger
      .default(2)
      .describe('d: a decision drawn from the evaluation of version e takes effect at version e + d.'),
  })
  .prefault({});

export const workerSchema = z
  .strictObject({
    threads: positiveInteger
      .max(256)
      .default(1)
      .describe('Threads of one worker process. Part of what makes a run reproducible, so never derived.'),
  })
  .prefault({});

export const faultsSchema = z
  .strictObject({
    maxAttempts: positiveInteger
      .max(100)
      .default(5)
      .describe('Bad answers and expired leases of one task before its shard has failed.'),
    onShardFailure: z
      .enum(['fail', 'giveUp'])
      .default('fail')
      .describe('A failed shard ends the run, or leaves the average and its weights.'),
    retrySeconds: positive
      .default(10)
      .describe(
        'The first repeat is sent at once, the second so much later, each next after twice the time.',
      ),
    leaseSeconds: positive
      .default(600)
      .describe('A task that was begun so long ago is sent again; twice the time for each repeat.'),
    unstartedSeconds: positive
      .default(300)
      .describe(
        'A task that was never begun is sent again after so long if the queue is empty, else after 8 times that.',
      ),
    unformedSeconds: positive
      .default(30)
      .describe(
        'A block of a consensus update that has not come for so long is asked for again; twice the time for each repeat.',
      ),
    capacitySeconds: positive
      .nullable()
      .default(null)
      .describe('Pause when no worker has begun any task for so long; null: wait for ever.'),
    backupFactor: z
      .number()
      .min(1)
      .nullable()
      .default(3)
      .describe(
        "A task gets a second worker, and the first answer counts, after so many times a quantile of the other shards' times; null: never.",
      ),
    backupQuantile: z
      .number()
      .gt(0)
      .lte(1)
      .default(0.75)
      .describe("Which quantile of the others' times that is."),
  })
  .prefault({});

export const retentionSchema = z
  .strictObject({
    versions: positiveInteger
      .max(10_000)
      .default(3)
      .describe('K: newest versions that stay in the store, besides the best, to look at or to fork from.'),
  })
  .prefault({});

export const pricesSchema = z
  .strictObject({
    workerHourUsd: nonNegative
      .default(0.526)
      .describe('An hour of one worker; g4dn.xlarge, us-east-1, 2026.'),
    taskUsd: nonNegative.default(0.00003).describe('Requests to S3, SQS and Lambda for one task; us-east-1.'),
  })
  .prefault({});

export const runConfigSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where an editor finds the JSON Schema; not part of the run.'),
    name: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9-]{0,39}$/,
        'expected 1 to 40 of a-z, 0-9 and "-", beginning with a letter or digit',
      )
      .describe('First part of the run id.'),
    dataset: datasetSchema,
    model: modelSchema.prefault({}),
    solver: solverSchema,
    consensus: consensusSchema,
    stop: stopSchema,
    evaluation: evaluationSchema,
    worker: workerSchema,
    faults: faultsSchema,
    retention: retentionSchema,
    prices: pricesSchema,
    shards: positiveInteger
      .max(10_000)
      .default(4)
      .describe('N: parts of the training split, and subproblems a round.'),
    seed: z
      .int()
      .min(0)
      .max(2_147_483_647)
      .default(0)
      .describe('Of initial weights, split, sharding and batches.'),
  })
  .describe('A training run of P-ADMMiRNN.');

/** A run config as a user writes it: everything with a default may be left out. */
export type RunConfigInput = z.input<typeof runConfigSchema>;
/** A run config with every default filled in. */
export type RunConfig = z.output<typeof runConfigSchema>;
export type DatasetConfig = RunConfig['dataset'];
export type ModelConfig = RunConfig['model'];
export type SolverConfig = RunConfig['solver'];
export type ConsensusConfig = RunConfig['consensus'];
export type Initializer = ModelConfig['initializer'];
export type Sharding = z.output<typeof shardingSchema>;
