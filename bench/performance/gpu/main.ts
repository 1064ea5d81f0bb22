/** `npm run bench:gpu -- --data DIR --json FILE`: how fast subproblems are on a GPU, and at which batch it is full. */
import { Command, Option } from 'commander';
import ora from 'ora';
import { ExitCode, PadmmError } from '../../../lib/errors.ts';
import { markdownTable } from '../../../lib/observe/report/markdownTable.ts';
import { parseCount } from '../../parseCount.ts';
import { parseNames } from '../../parseNames.ts';
import { measureGroups } from '../measureGroups.ts';
import { type Results, writeResults } from '../results.ts';
import { rowOf } from '../table.ts';
import { COLUMNS, fullAt, rowsByBatch } from './batches.ts';
import { demandGpu } from './device.ts';
import { type GpuGroupName, gpuGroupNames, gpuGroups } from './groups.ts';

/** From 6 on an interval of a median is one of 95 %. */
const REPETITIONS = 6;
const BATCH_SIZES = [250, 1000, 4000, 16_000, 64_000];

const parseBatches = (text: string): number[] =>
  text
    .split(',')
    .map(parseCount)
    .sort((a, b) => a - b);

interface Options {
  readonly data: string;
  readonly json?: string;
  readonly batches: number[];
  readonly only: GpuGroupName[];
  readonly repetitions: number;
  readonly python?: string;
}

const program = new Command('bench:gpu')
  .description('Measures subproblems on a GPU against Adam on the same GPU, in tfjs-node and in PyTorch.')
  .requiredOption('--data <dir>', 'directory with the MNIST files, or with a folder mnist of them')
  .option('--json <file>', 'where the figures are written')
  .option('--batches <samples>', 'sizes of batches', parseBatches, BATCH_SIZES)
  .addOption(
    new Option('--only <names>', `some of ${gpuGroupNames.join(', ')}`)
      .argParser(parseNames(gpuGroupNames))
      .default([...gpuGroupNames], 'all'),
  )
  .option('--repetitions <count>', 'of each measurement', parseCount, REPETITIONS)
  .option('--python <program>', 'a Python that has PyTorch; one is installed without');

/** Measures, and writes what there is after each group. */
async function run({ data, json, batches, only, repetitions, python }: Options): Promise<Results | null> {
  const backend = await demandGpu();
  const spinner = ora('preparing').start();
  const groups = gpuGroups({ batchSizes: batches, python });
  const say = (group: GpuGroupName, progress: string) => {
    spinner.text = `${group}: ${progress}`;
  };
  let last: Results | null = null;
  for await (const results of measureGroups(groups, {
    ...{ quick: false, only, repetitions, dataDirectory: data, say },
  })) {
    last = { ...results, versions: { ...results.versions, backend } };
    if (json !== undefined) await writeResults(json, last);
  }
  spinner.stop();
  return last;
}

/** Says at which batch the GPU is full, of one of the contestants. */
function sayFull(results: Results, batches: readonly number[], who: string, name: string): void {
  const rates = batches.flatMap((batchSize) => {
    const rate = results.figures
      .filter(({ figure }) => [`gpu-adam-${batchSize}`, `gpu-torch-${batchSize}`].includes(figure))
      .map(({ medians }) => medians[name])
      .find((median) => median !== undefined);
    return rate === undefined ? [] : [{ batchSize, rate }];
  });
  if (rates.length === 0) return;
  const full = fullAt(rates);
  console.log(
    full === null ? `${who}: not full at batch ${rates.at(-1)?.batchSize}` : `${who}: full at ${full}`,
  );
}

try {
  const options = program.parse().opts<Options>();
  const results = await run(options);
  if (results !== null) {
    console.log(markdownTable(COLUMNS, rowsByBatch(results, options.batches)));
    sayFull(results, options.batches, 'subproblems', 'subproblemSamplesPerSecond');
    sayFull(results, options.batches, 'Adam in tfjs-node', 'adamSamplesPerSecond');
    sayFull(results, options.batches, 'Adam in PyTorch', 'torchSamplesPerSecond');
    const others = results.figures.filter(({ figure }) => figure.startsWith('gpu-agreement-'));
    for (const result of others) console.log(rowOf(result).slice(0, 5).join(' | '));
    for (const { figure, skipped, failed } of results.figures) {
      if (skipped !== null) process.stderr.write(`${figure}: ${skipped}\n`);
      if (failed) process.exitCode = ExitCode.runFailed;
    }
  }
} catch (error) {
  if (!(error instanceof PadmmError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode === ExitCode.ok ? ExitCode.runFailed : error.exitCode;
}
