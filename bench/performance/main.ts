/** `npm run bench -- --data DIR --json FILE`: how fast everything is, each figure held against something on the same machine. */
import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import ora from 'ora';
import { ExitCode, PadmmError, UsageError } from '../../lib/errors.ts';
import { parseCount } from '../parseCount.ts';
import { parseNames } from '../parseNames.ts';
import { documentResults } from './document.ts';
import { type GroupName, groupNames } from './groups.ts';
import { measure } from './measure.ts';
import { type Results, readResults, writeResults } from './results.ts';
import { drawTable, regressions } from './table.ts';

/** From 6 on an interval of a median is one of 95 %. */
const REPETITIONS = 6;
const QUICK_REPETITIONS = 2;
const DOCUMENT = 'docs/PERFORMANCE.md';
/** The last run that was documented: what later ones are compared with. */
const STORED = 'bench/performance/measured.json';

const program = new Command('bench')
  .description('Measures how fast everything is; each figure is a ratio of two things measured in turn.')
  .option('--data <dir>', 'directory with the MNIST files, or with a folder mnist of them')
  .option('--json <file>', 'where the figures are written')
  .addOption(
    new Option('--only <names>', `some of ${groupNames.join(', ')}`)
      .argParser(parseNames(groupNames))
      .default(groupNames, 'all'),
  )
  .option('--quick', 'a tiny pass over generated data, which judges nothing and needs no --data', false)
  .option('--repetitions <count>', 'of each measurement', parseCount)
  .option(
    '--compare <file>',
    `JSON of an earlier run to compare with; ${STORED} by default, where it is there`,
  )
  .option(
    '--document [file]',
    `the document that the table is put into, ${DOCUMENT} by default; the JSON takes the place of ${STORED}`,
  );

interface Options {
  readonly data?: string;
  readonly json?: string;
  readonly only: GroupName[];
  readonly quick: boolean;
  readonly repetitions?: number;
  readonly compare?: string;
  readonly document?: string | true;
}

/** What the figures are compared with: what was asked for, else the last run that was documented, if there is one. */
async function readEarlier({ compare, quick }: Options): Promise<Results | null> {
  if (compare !== undefined) return readResults(compare);
  return !quick && existsSync(STORED) ? readResults(STORED) : null;
}

/** Measures, and writes what there is after each group: an interruption costs the group under way. */
async function run({ quick, only, data, json, repetitions }: Options): Promise<Results | null> {
  const spinner = ora('preparing').start();
  const measured = measure({
    ...{ quick, only, dataDirectory: quick ? undefined : data },
    repetitions: repetitions ?? (quick ? QUICK_REPETITIONS : REPETITIONS),
    say: (group, progress) => {
      spinner.text = `${group}: ${progress}`;
    },
  });
  let last: Results | null = null;
  for await (const results of measured) {
    if (json !== undefined) await writeResults(json, results);
    last = results;
  }
  spinner.stop();
  return last;
}

async function main(): Promise<void> {
  const options = program.parse().opts<Options>();
  if (options.data === undefined && !options.quick) {
    throw new UsageError('--data: expected a directory with the data files, or --quick; received neither');
  }
  const earlier = await readEarlier(options);
  const results = await run(options);
  if (results === null) return;
  console.log(drawTable(results, earlier));
  for (const { figure, skipped, failed } of results.figures) {
    if (!failed) continue;
    process.stderr.write(`${figure}: ${skipped}\n`);
    process.exitCode = ExitCode.runFailed;
  }
  if (earlier !== null) for (const line of regressions(results, earlier)) process.stderr.write(`${line}\n`);
  const { document } = options;
  if (document === undefined) return;
  await documentResults(document === true ? DOCUMENT : document, results);
  await writeResults(STORED, results);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof PadmmError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode === ExitCode.ok ? ExitCode.runFailed : error.exitCode;
}
