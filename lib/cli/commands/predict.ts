import { buffer } from 'node:stream/consumers';
import { Command } from 'commander';
import { type PredictionInputs, predict as predictWith } from '../../models/predict.ts';
import { decodeJsonLines, readInputs } from '../../models/readInputs.ts';
import type { TaskShape } from '../../protocol/dataset.ts';
import { inferenceBackend } from '../inferenceBackend.ts';
import { modelArgument, readNamedModel } from '../modelArgument.ts';
import { directoryOption } from '../options.ts';
import { printLine } from '../output.ts';
import { predictionLines } from '../predictionLines.ts';

interface PredictOptions {
  readonly input: string;
  readonly dir: string;
}

const STANDARD_INPUT = '-';

const EXAMPLES = `
FILE holds samples in the units of the dataset (pixels from 0 to 255, ids of tokens): .jsonl, one sample a line; .csv
without a header, one a record; IDX pictures; each plain or gzipped. "-" reads JSON lines from standard input.
Prints one JSON line a sample: {"class", "name", "probabilities"} or {"values"}, or {"steps"} with a list of these.

Examples:
  padmm predict latest --input t10k-images-idx3-ubyte.gz
  padmm predict model.safetensors --input - < samples.jsonl`;

async function inputsOf(input: string, shape: TaskShape): Promise<PredictionInputs> {
  if (input !== STANDARD_INPUT) return readInputs(input, shape);
  return decodeJsonLines(Uint8Array.from(await buffer(process.stdin)), 'standard input', shape);
}

async function predict(word: string, { input, dir }: PredictOptions): Promise<void> {
  const model = await readNamedModel(word, dir);
  const inputs = await inputsOf(input, model.shape);
  const predictions = predictWith(model, inputs, await inferenceBackend());
  for (const line of predictionLines(model, predictions)) printLine(line);
}

/** `padmm predict RUN|FILE`: a JSON line a sample. */
export const predictCommand = (): Command =>
  new Command('predict')
    .addArgument(modelArgument())
    .requiredOption('--input <file>', 'samples to predict for, or "-"')
    .addOption(directoryOption())
    .addHelpText('after', EXAMPLES)
    .action(predict);
