import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { RunModel } from '../../models/readModel.ts';
import { exportSafetensors } from '../../models/safetensorsFile.ts';
import { withRunModel } from '../modelArgument.ts';
import { addPlaceOptions } from '../options.ts';
import { note, printLine } from '../output.ts';
import type { PlaceOptions } from '../place.ts';
import { runArgument } from '../runArgument.ts';
import { writeWhole } from '../writeWhole.ts';

interface DownloadOptions extends PlaceOptions {
  readonly format: 'safetensors' | 'layers';
  readonly output?: string;
}

const EXAMPLES = `
safetensors: model.safetensors, which says all that is needed to use it. layers: model.json and weights.bin, which
tf.loadLayersModel of TensorFlow.js reads. Of a run in progress it is the best model so far.

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

async function download(word: string, options: DownloadOptions): Promise<void> {
  const { format, output } = options;
  const model = await withRunModel(word, options, async (found) => found);
  const { run, version } = model;
  const path =
    format === 'layers'
      ? await writeLayers(model, output ?? `${run}-layers`)
      : await writeSafetensors(model, output ?? run);
  note(`wrote version ${version} of ${run}`);
  printLine(path);
}

/** `padmm download RUN`: the model as files; prints the path of the one to open. */
export const downloadCommand = (): Command =>
  addPlaceOptions(
    new Command('download')
      .addArgument(runArgument())
      .option('-o, --output <directory>', 'directory to write to; named after the run without')
      .addOption(
        new Option('--format <format>', 'format of the model')
          .choices(['safetensors', 'layers'])
          .default('safetensors'),
      )
      .addHelpText('after', EXAMPLES)
      .action(download),
  );
