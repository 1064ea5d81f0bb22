import { buffer } from 'node:stream/consumers';
import { Command } from 'commander';
import { type PredictionInputs, predict as predictWith } from '../../models/predict.ts';
import { decodeJsonLines, readInputs } from '../../models/readInputs.ts';
import type { TaskShape } from '../../protocol/dataset.ts';
import { inferenceBackend } from '../inferenceBackend.ts';
import { modelArgument, readNamedModel } from '../modelArgument.ts';
import { addPlaceOptions } from '../options.ts';
import { printLine } from '../output.ts';
import type { PlaceOptions } from '../place.ts';
import { predictionLines } from '../predictionLines.ts';

interface PredictOptions extends PlaceOptions {
  readonly input: string;
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

async function predict(word: string, options: PredictOptions): Promise<void> {
  const model = await readNamedModel(word, options);
  const inputs = await inputsOf(options.input, model.shape);
  const predictions = predictWith(model, inputs, await inferenceBackend());
  for (const line of predictionLines(model, predictions)) printLine(line);
}

/** `padmm predict RUN|FILE`: a JSON line a sample. */
export const predictCommand = (): Command =>
  addPlaceOptions(
    new Command('predict')
      .addArgument(modelArgument())
      .requiredOption('--input <file>', 'samples to predict for, or "-"')
      .addHelpText('after', EXAMPLES)
      .action(predict),
  );
