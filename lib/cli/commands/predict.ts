import { buffer } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import type { Model } from '../../models/model.ts';
import { type PredictionInputs, predict as predictWith } from '../../models/predict.ts';
import { decodeInputs, type InputFormat, inputFormats, readInputs } from '../../models/readInputs.ts';
import { inferenceBackend } from '../inferenceBackend.ts';
import { modelArgument, readNamedModel } from '../modelArgument.ts';
import { addPlaceOptions } from '../options.ts';
import { printLine } from '../output.ts';
import type { PlaceOptions } from '../place.ts';
import { predictionLines } from '../predictionLines.ts';

interface PredictOptions extends PlaceOptions {
  readonly input: string;
  readonly format?: InputFormat;
}

const STANDARD_INPUT = '-';

const EXAMPLES = `
FILE holds samples: .txt, one text a line, for a model of text; .jsonl, one sample a line, a text or a list of
numbers in the units of the dataset (pixels from 0 to 255, ids of tokens); .csv without a header, one a record; IDX
pictures; each plain or gzipped. "-", standard input, is read as text by a model of text, else as JSON lines;
--format says otherwise. Prints one JSON line a sample: {"class", "name", "probabilities"} or {"values"}, or
{"steps"} with a list of these.

Examples:
  padmm predict latest --input t10k-images-idx3-ubyte.gz
  echo "a wonderful film" | padmm predict latest
  padmm predict model.safetensors --input - < samples.jsonl`;

async function inputsOf({ input, format }: PredictOptions, model: Model): Promise<PredictionInputs> {
  if (input !== STANDARD_INPUT) return readInputs(input, model, format);
  return decodeInputs(Uint8Array.from(await buffer(process.stdin)), 'standard input', model, format);
}

async function predict(word: string, options: PredictOptions): Promise<void> {
  const model = await readNamedModel(word, options);
  const inputs = await inputsOf(options, model);
  const predictions = predictWith(model, inputs, await inferenceBackend());
  for (const line of predictionLines(model, predictions)) printLine(line);
}

/** `padmm predict RUN|FILE`: a JSON line a sample. */
export const predictCommand = (): Command =>
  addPlaceOptions(
    new Command('predict')
      .addArgument(modelArgument())
      .option('--input <file>', 'samples to predict for, or "-"', STANDARD_INPUT)
      .addOption(new Option('--format <format>', 'how the samples are written').choices(inputFormats))
      .addHelpText('after', EXAMPLES)
      .action(predict),
  );
