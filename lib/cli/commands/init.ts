import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { UsageError } from '../../errors.ts';
import type { RunConfigInput } from '../../protocol/config.ts';
import { parseRunConfig } from '../../protocol/parseConfig.ts';
import { askChoice, askCount, askText, canAsk } from '../ask.ts';
import { commentedConfig } from '../init/commentedConfig.ts';
import {
  type DatasetAnswers,
  datasetKinds,
  describeDataset,
  parseList,
  presets,
  wantedOn,
} from '../init/datasets.ts';
import { jsonOption, parsePositiveInteger } from '../options.ts';
import { note, printJson, printLine } from '../output.ts';
import { applySettings, type Setting, setOption } from '../setOption.ts';
import { writeWhole } from '../writeWhole.ts';

type Kind = RunConfigInput['dataset']['kind'];

interface InitOptions extends DatasetAnswers {
  readonly dataset?: Kind;
  readonly name?: string;
  readonly hiddenUnits?: number;
  readonly shards?: number;
  readonly rounds?: number;
  readonly mode?: 'sync' | 'async';
  readonly set: readonly Setting[];
  readonly force?: true;
  readonly json?: true;
}

const EXAMPLES = `
Without --dataset it asks on the terminal. The file lists every option with its documentation and default; those that
are not set are comments. Files of a dataset are named as they are found from --data DIR.

Examples:
  padmm init
  padmm init mnist.jsonc --dataset mnist --shards 8
  padmm init --dataset text --file reviews.csv --set dataset.labelField=stars
  padmm init --dataset sequences --file x.npy --targets y.npy --task regression`;

const SCHEMA_FILE = fileURLToPath(new URL('../../../examples/run-config.schema.json', import.meta.url));
const DEFAULT_SHARDS = 4;

/** Where an editor finds the schema from the file; nothing where it is not installed. */
function schemaOf(file: string): { readonly $schema?: string } {
  if (!existsSync(SCHEMA_FILE)) return {};
  const path = relative(dirname(resolve(file)), SCHEMA_FILE);
  return { $schema: path.startsWith('.') ? path : `./${path}` };
}

/** What the options say, and what is asked for the rest where nothing names the dataset. */
async function answersOf(options: InitOptions) {
  const asks = canAsk() && !options.json;
  const wanted = wantedOn(asks);
  const kinds = datasetKinds.map((value) => ({ value, description: presets[value].description }));
  const kind = await wanted(options.dataset, '--dataset KIND', () => askChoice('Which dataset?', kinds));
  const dataset = await describeDataset(kind, options, wanted);
  const preset = presets[kind];
  const asksAll = asks && options.dataset === undefined;
  const count = (given: number | undefined, message: string, suggested: number) =>
    given ?? (asksAll ? askCount(message, suggested) : suggested);
  return {
    dataset,
    batchSize: preset.batchSize,
    name: options.name ?? (asksAll ? await askText('Name of its runs', kind) : kind),
    hiddenUnits: await count(options.hiddenUnits, 'Hidden units', preset.hiddenUnits),
    shards: await count(options.shards, 'Shards: subproblems that are solved at once', DEFAULT_SHARDS),
    maxRounds: await count(options.rounds, 'Rounds, at most', preset.rounds),
    mode: options.mode ?? 'sync',
  };
}

async function init(path: string | undefined, options: InitOptions): Promise<void> {
  if (path !== undefined) refuseExisting(path, options);
  const { dataset, name, hiddenUnits, batchSize, shards, maxRounds, mode } = await answersOf(options);
  const file = path ?? `${name}.jsonc`;
  refuseExisting(file, options);
  const config: RunConfigInput = {
    ...schemaOf(file),
    name,
    dataset,
    model: { hiddenUnits },
    solver: { batchSize },
    consensus: { mode },
    stop: { maxRounds },
    shards,
    seed: 0,
  };
  const changed = applySettings(config, options.set);
  parseRunConfig(changed, 'init');
  const heading = `A training run of P-ADMMiRNN. Check and price it: padmm validate ${file}`;
  await writeWhole(file, commentedConfig(changed, heading));
  if (options.json) printJson({ file, config: changed });
  else printLine(file);
  note(`check and price it with: padmm validate ${file}`);
}

function refuseExisting(file: string, { force }: InitOptions): void {
  if (force || !existsSync(file)) return;
  throw new UsageError(`${file}: expected a file that is not there yet, or --force, received one that is`);
}

/** `padmm init [FILE]`: writes a commented run config; prints its path. */
export const initCommand = (): Command =>
  new Command('init')
    .argument('[config]', 'file to write; named after the run without')
    .addOption(new Option('--dataset <kind>', 'kind of dataset').choices(datasetKinds))
    .option('--name <name>', 'name of its runs')
    .option('--file <file>', 'file of the dataset: a table, a text or an array')
    .option('--test-file <file>', 'file of the test samples; some are held out without')
    .option('--targets <file>', 'targets of sequences, an .npy file')
    .addOption(new Option('--input-columns <names>', 'columns of the inputs, a,b,c').argParser(parseList))
    .addOption(new Option('--target-columns <names>', 'columns of the targets').argParser(parseList))
    .addOption(
      new Option('--task <task>', 'what is learned of sequences').choices(['classification', 'regression']),
    )
    .addOption(new Option('--hidden-units <n>', 'width of the network').argParser(parsePositiveInteger))
    .addOption(new Option('--shards <n>', 'subproblems a round').argParser(parsePositiveInteger))
    .addOption(new Option('--rounds <n>', 'consensus updates, at most').argParser(parsePositiveInteger))
    .addOption(new Option('--mode <mode>', 'SP- or AP-ADMMiRNN').choices(['sync', 'async']))
    .addOption(setOption())
    .option('--force', 'write over a file that is there')
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(init);
