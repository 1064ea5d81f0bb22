import { Command, Option } from 'commander';
import { loadModel } from '../../api/loadModel.ts';
import { getJson } from '../../cloud/json.ts';
import type { DecodedPart } from '../../data/part.ts';
import { UsageError } from '../../errors.ts';
import { evaluateModel } from '../../models/evaluateModel.ts';
import type { Model } from '../../models/model.ts';
import { runConfigSchema } from '../../protocol/config.ts';
import { runKeys } from '../../protocol/keys.ts';
import { type HeldOutSplit, preparePart, readStoredPart } from '../evaluationPart.ts';
import { figure, percent } from '../format.ts';
import { inferenceBackend } from '../inferenceBackend.ts';
import { isModelFile, modelArgument, withRunModel } from '../modelArgument.ts';
import { addPlaceOptions, jsonOption } from '../options.ts';
import { printJson, printLine } from '../output.ts';
import type { PlaceOptions } from '../place.ts';
import { readRunConfig } from '../readConfig.ts';

interface EvaluateOptions extends PlaceOptions {
  readonly data?: string;
  readonly config?: string;
  readonly split: HeldOutSplit;
  readonly json?: true;
}

const EXAMPLES = `
A run is measured on the dataset it was trained on, as it is stored; with --data or --config, on files. A model file
says how its dataset is made from files; --config takes another.

Examples:
  padmm evaluate latest
  padmm evaluate latest --split validation --json
  padmm evaluate model.safetensors --data DIR
  padmm evaluate model.safetensors --config examples/mnist.json --data DIR`;

interface Measurable {
  readonly model: Model;
  readonly part: DecodedPart;
}

async function modelFileAndPart(path: string, options: EvaluateOptions): Promise<Measurable> {
  const { config, data, split } = options;
  const model = await loadModel(path);
  const source = config === undefined ? model.source : await readRunConfig(config);
  if (source === undefined) {
    throw new UsageError(
      `evaluate ${path}: expected --config CONFIG, since this file does not say how its dataset was made, received nothing`,
    );
  }
  return { model, part: await preparePart(model, source, data, split) };
}

function runAndPart(word: string, options: EvaluateOptions): Promise<Measurable> {
  const { config, data, split } = options;
  return withRunModel(word, options, async (model, store) => {
    if (config !== undefined) {
      return { model, part: await preparePart(model, await readRunConfig(config), data, split) };
    }
    if (data === undefined) return { model, part: await readStoredPart(store, model.manifest, split) };
    const own = await getJson(store, runKeys(model.run).config, runConfigSchema);
    if (own === null) throw new UsageError(`run ${model.run}: expected a config, received nothing`);
    return { model, part: await preparePart(model, own.value, data, split) };
  });
}

async function evaluate(word: string, options: EvaluateOptions): Promise<void> {
  const { model, part } = await (isModelFile(word) ? modelFileAndPart : runAndPart)(word, options);
  const metrics = evaluateModel(model, part, await inferenceBackend());
  const { run, version, digest } = model;
  const { split } = options;
  if (options.json) printJson({ run, version, digest, split, ...metrics });
  else {
    const { accuracy, loss, samples } = metrics;
    const quality = accuracy === null ? '' : `accuracy ${percent(accuracy)}, `;
    printLine(`${run}, version ${version}, ${split}: ${quality}loss ${figure(loss)} (${samples} samples)`);
  }
}

/** `padmm evaluate RUN|FILE`: loss and accuracy on held-out data. */
export const evaluateCommand = (): Command =>
  addPlaceOptions(
    new Command('evaluate')
      .addArgument(modelArgument())
      .option('--data <directory>', 'directory that holds the files of the dataset')
      .option('--config <file>', 'run config that describes the dataset')
      .addOption(
        new Option('--split <split>', 'held-out data to measure on')
          .choices(['validation', 'test'])
          .default('test'),
      )
      .addOption(jsonOption())
      .addHelpText('after', EXAMPLES)
      .action(evaluate),
  );
