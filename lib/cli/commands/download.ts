import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { RunModel } from '../../models/readModel.ts';
import { exportSafetensors } from '../../models/safetensorsFile.ts';
import { withRunModel } from '../modelArgument.ts';
import { addPlaceOptions, jsonOption } from '../options.ts';
import { note, printJson, printLine } from '../output.ts';
import type { PlaceOptions } from '../place.ts';
import { runArgument } from '../runArgument.ts';
import { writeWhole } from '../writeWhole.ts';

type ModelFormat = keyof typeof WRITERS;

interface DownloadOptions extends PlaceOptions {
  readonly format: ModelFormat;
  readonly output?: string;
  readonly json?: true;
}

const EXAMPLES = `
safetensors: model.safetensors, which says all that is needed to use it. layers: model.json and weights.bin, which
tf.loadLayersModel of TensorFlow.js reads. onnx: model.onnx for ONNX Runtime. docs/MODELS.md says how Keras and
PyTorch load a model. Of a run in progress it is the best model so far.

Examples:
  padmm download latest
  padmm download quickstart -o models/quickstart --format layers`;

async function writeLayers(model: RunModel, directory: string): Promise<string> {
  const [{ exportLayersModel }, { inferenceBackend }] = await Promise.all([
    import('../../models/layersModel.ts'),
    import('../inferenceBackend.ts'),
  ]);
  await exportLayersModel(model, directory, await inferenceBackend());
  return join(directory, 'model.json');
}

async function writeSafetensors(model: RunModel, directory: string): Promise<string> {
  const path = join(directory, 'model.safetensors');
  await writeWhole(path, exportSafetensors(model));
  return path;
}

async function writeOnnx(model: RunModel, directory: string): Promise<string> {
  const { exportOnnx } = await import('../../models/onnx.ts');
  const path = join(directory, 'model.onnx');
  await writeWhole(path, exportOnnx(model));
  return path;
}

/** How a model is written in a format, and what the directory's name without one ends in. */
const WRITERS = {
  safetensors: { write: writeSafetensors, ending: '' },
  layers: { write: writeLayers, ending: '-layers' },
  onnx: { write: writeOnnx, ending: '' },
};

async function download(word: string, options: DownloadOptions): Promise<void> {
  const { format, output, json } = options;
  const model = await withRunModel(word, options, async (found) => found);
  const { run, version } = model;
  const { write, ending } = WRITERS[format];
  const path = await write(model, output ?? `${run}${ending}`);
  note(`wrote version ${version} of ${run}`);
  if (json) printJson({ run, version, format, path });
  else printLine(path);
}

/** `padmm download RUN`: the model as files; prints the path of the one to open. */
export const downloadCommand = (): Command =>
  addPlaceOptions(
    new Command('download')
      .addArgument(runArgument())
      .option('-o, --output <directory>', 'directory to write to; named after the run without')
      .addOption(
        new Option('--format <format>', 'format of the model')
          .choices(Object.keys(WRITERS))
          .default('safetensors'),
      )
      .addOption(jsonOption())
      .addHelpText('after', EXAMPLES)
      .action(download),
  );
