import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ASSUMPTIONS } from '../../client/estimate.ts';
import { forecast } from '../../client/forecast.ts';
import type { Prices } from '../../client/prices.ts';
import { LIST_PRICES, PRICED_REGIONS, pricesOf } from '../../client/priceTable.ts';
import { ConfigError } from '../../errors.ts';
import { readRunHead } from '../../observe/runView.ts';
import { estimateConfig, estimateLines } from '../estimateConfig.ts';
import { bytes, duration, figure } from '../format.ts';
import { addPlaceOptions, dataOption, jsonOption, parsePositiveInteger, workersOption } from '../options.ts';
import { printJson, printLine } from '../output.ts';
import { type PlaceOptions, withRuns } from '../place.ts';
import { readRunConfig } from '../readConfig.ts';
import { findRun } from '../runArgument.ts';

interface CostOptions extends PlaceOptions {
  readonly workers: number;
  readonly vcpus?: number;
  readonly subproblemSeconds?: number;
  readonly prices?: string;
  readonly data?: string;
  readonly json?: true;
}

const CONFIG_ENDING = /\.jsonc?$/;

const EXAMPLES = `
Of a config: what it will take, at most; the time rests on assumptions (--json shows them), so measure one
subproblem and give it with --subproblem-seconds. Of a run: what it has cost, at the prices of its config. Prices
are list prices of ${LIST_PRICES.region}, or of --region: ${PRICED_REGIONS.join(', ')}. --prices FILE,
a JSON file, replaces any of them, and gives all of them for another region.

Examples:
  padmm cost examples/mnist.json --workers 4
  padmm cost examples/mnist.json --vcpus 2 --region eu-central-1
  padmm cost examples/mnist.json --prices prices.json --json
  padmm cost latest --stack padmm`;

function parseSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number of seconds above 0.');
}

async function readPrices(path: string | undefined, region: string | undefined): Promise<Prices> {
  if (path === undefined) return pricesOf(region);
  try {
    return pricesOf(region, JSON.parse(await readFile(path, 'utf8')), `prices ${path}`);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const mismatch = { field: path, expected: 'a JSON file of prices', received: (error as Error).message };
    throw new ConfigError('prices', [mismatch], { cause: error });
  }
}

async function costOfConfig(path: string, options: CostOptions): Promise<void> {
  const { workers, vcpus = null, subproblemSeconds, data } = options;
  const [config, prices] = [await readRunConfig(path), await readPrices(options.prices, options.region)];
  const estimate = await estimateConfig(config, {
    ...{ workers, vcpus, prices },
    ...(subproblemSeconds === undefined ? {} : { subproblemSeconds }),
    ...(data === undefined ? {} : { data }),
  });
  if (options.json) return printJson({ ...estimate, workers, vcpus, prices, assumptions: ASSUMPTIONS });
  for (const line of estimateLines(estimate, prices, workers)) printLine(line);
}

async function costOfRun(word: string, options: CostOptions): Promise<void> {
  const { config, state } = await withRuns(options, async ({ connection: { store } }) =>
    readRunHead(store, await findRun(store, word)),
  );
  const { counters, run, version } = state;
  const { usd, projectedUsd, rounds: most } = forecast({ config, state });
  const cost = {
    run,
    rounds: version,
    maxRounds: most,
    usd,
    workerSeconds: counters.workerSeconds,
    tasks: counters.answers,
    bytes: counters.workerReadBytes + counters.workerWrittenBytes,
    projectedUsd,
    prices: config.prices,
  };
  if (options.json) return printJson(cost);
  printLine(
    `${run}: ${figure(usd)} USD after ${version} of ${most} rounds: ${duration(cost.workerSeconds)} of workers, ${cost.tasks} tasks, ${bytes(cost.bytes)}`,
  );
}

const cost = (word: string, options: CostOptions): Promise<void> =>
  (CONFIG_ENDING.test(word) ? costOfConfig : costOfRun)(word, options);

/** `padmm cost RUN|CONFIG`: what a run has cost, or will. */
export const costCommand = (): Command =>
  addPlaceOptions(
    new Command('cost')
      .argument(
        '<run or config>',
        'run (its id, a beginning of it, or "latest"), or a run config, a JSON file',
      )
      .addOption(workersOption())
      .addOption(
        new Option('--vcpus <n>', 'workers on Fargate with so many vCPUs; GPU instances without').argParser(
          parsePositiveInteger,
        ),
      )
      .addOption(
        new Option('--subproblem-seconds <s>', 'time of one subproblem, measured').argParser(parseSeconds),
      )
      .option('--prices <file>', 'JSON file of prices')
      .addOption(dataOption()),
  )
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(cost);
