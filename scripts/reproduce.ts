/** `npm run reproduce -- --data DIR`: runs the experiments and writes docs/RESULTS.md. */
import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import ora from 'ora';
import { reproduce } from '../bench/experiments/reproduce.ts';
import { type StudyName, studyNames } from '../bench/experiments/studies.ts';
import { parseCount } from '../bench/parseCount.ts';
import { parseNames } from '../bench/parseNames.ts';
import { ExitCode, PadmmError, UsageError } from '../lib/errors.ts';

const program = new Command('reproduce')
  .description('Runs the experiments of docs/RESULTS.md; one that was interrupted goes on where it stopped.')
  .option('--data <dir>', 'directory with mnist/, aclImdb/ and text/metamorphosis.txt')
  .option('--quick', 'a small pass over generated data, which needs no --data', false)
  .addOption(
    new Option('--only <names>', `some of ${studyNames.join(', ')}`)
      .argParser(parseNames(studyNames))
      .default(studyNames, 'all'),
  )
  .option('--fresh', 'redo what an earlier version of the program has done', false)
  .option('--results <dir>', 'where results of single runs are kept', '.padmm/experiments')
  .option('--document <file>', 'the document to write', 'docs/RESULTS.md')
  .option('--processes <count>', 'runs at a time', parseCount, availableParallelism());

interface Options {
  readonly data?: string;
  readonly quick: boolean;
  readonly only: StudyName[];
  readonly fresh: boolean;
  readonly results: string;
  readonly document: string;
  readonly processes: number;
}

async function main(): Promise<void> {
  const options = program.parse().opts<Options>();
  if (options.data === undefined && !options.quick) {
    throw new UsageError('--data: expected a directory with the data files, or --quick; received neither');
  }
  const spinner = ora('preparing').start();
  try {
    await reproduce({
      dataDirectory: options.data,
      quick: options.quick,
      only: options.only,
      resultsDirectory: options.results,
      document: options.document,
      processes: options.processes,
      useOutdated: !options.fresh,
      onProgress: (study, { asked, done, reused }) => {
        spinner.text = `${study}: ${done} of ${asked} runs asked for so far, ${reused} of them known before`;
      },
    });
    spinner.succeed(options.document);
  } catch (error) {
    spinner.fail();
    throw error;
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof PadmmError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode === ExitCode.ok ? ExitCode.runFailed : error.exitCode;
}
