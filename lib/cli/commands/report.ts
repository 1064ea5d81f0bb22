import { Command } from 'commander';
import { renderReport } from '../../observe/report.ts';
import { readRun } from '../../observe/runView.ts';
import { addPlaceOptions } from '../options.ts';
import { printLine } from '../output.ts';
import { type PlaceOptions, withRuns } from '../place.ts';
import { findRun, runsArgument } from '../runArgument.ts';
import { writeWhole } from '../writeWhole.ts';

interface ReportOptions extends PlaceOptions {
  readonly output: string;
}

const EXAMPLES = `
Several runs are laid over each other. A run in progress is shown as far as it went.

Examples:
  padmm report latest
  padmm report sync-01H async-01H -o comparison.html`;

async function report(words: readonly string[], options: ReportOptions): Promise<void> {
  const page = await withRuns(options, async ({ connection: { store } }) => {
    const runs = new Set<string>();
    for (const word of words) runs.add(await findRun(store, word));
    return renderReport(await Promise.all([...runs].map((run) => readRun(store, run))));
  });
  await writeWhole(options.output, page);
  printLine(options.output);
}

/** `padmm report RUN…`: one self-contained HTML file; prints its path. */
export const reportCommand = (): Command =>
  addPlaceOptions(
    new Command('report')
      .addArgument(runsArgument())
      .option('-o, --output <file>', 'HTML file to write', 'report.html')
      .addHelpText('after', EXAMPLES)
      .action(report),
  );
