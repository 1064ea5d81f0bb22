import { Command } from 'commander';
import { renderReport } from '../../observe/report.ts';
import { readRun } from '../../observe/runView.ts';
import { withRuns } from '../localRuns.ts';
import { directoryOption } from '../options.ts';
import { printLine } from '../output.ts';
import { findRun, runsArgument } from '../runArgument.ts';
import { writeWhole } from '../writeWhole.ts';

interface ReportOptions {
  readonly dir: string;
  readonly output: string;
}

const EXAMPLES = `
Several runs are laid over each other. A run in progress is shown as far as it went.

Examples:
  padmm report latest
  padmm report sync-01H async-01H -o comparison.html`;

async function report(words: readonly string[], { dir, output }: ReportOptions): Promise<void> {
  const page = await withRuns(dir, async ({ connection: { store } }) => {
    const runs = new Set<string>();
    for (const word of words) runs.add(await findRun(store, word));
    return renderReport(await Promise.all([...runs].map((run) => readRun(store, run))));
  });
  await writeWhole(output, page);
  printLine(output);
}

/** `padmm report RUN…`: one self-contained HTML file; prints its path. */
export const reportCommand = (): Command =>
  new Command('report')
    .addArgument(runsArgument())
    .option('-o, --output <file>', 'HTML file to write', 'report.html')
    .addOption(directoryOption())
    .addHelpText('after', EXAMPLES)
    .action(report);
