import { extname } from 'node:path';
import { Command, Option } from 'commander';
import { renderMarkdown } from '../../observe/report/markdown.ts';
import { renderReport } from '../../observe/report.ts';
import { readRun } from '../../observe/runView.ts';
import { addPlaceOptions, jsonOption } from '../options.ts';
import { printJson, printLine } from '../output.ts';
import { type PlaceOptions, withRuns } from '../place.ts';
import { findRun, runsArgument } from '../runArgument.ts';
import { writeWhole } from '../writeWhole.ts';

type ReportFormat = 'html' | 'markdown';

interface ReportOptions extends PlaceOptions {
  readonly output?: string;
  readonly format?: ReportFormat;
  readonly json?: true;
}

const RENDERERS = { html: renderReport, markdown: renderMarkdown };
const DEFAULT_OUTPUTS = { html: 'report.html', markdown: 'report.md' };
const MARKDOWN_ENDINGS = ['.md', '.markdown'];

/** The format that is asked for; else the one that the file's name tells. */
function formatOf({ output = '', format }: ReportOptions): ReportFormat {
  return format ?? (MARKDOWN_ENDINGS.includes(extname(output).toLowerCase()) ? 'markdown' : 'html');
}

const EXAMPLES = `
HTML is one file that asks nothing of anywhere, with charts; Markdown has tables. Several runs are laid over each
other. A run in progress is shown as far as it went.

Examples:
  padmm report latest
  padmm report sync-01H async-01H -o comparison.html
  padmm report latest -o report.md`;

async function report(words: readonly string[], options: ReportOptions): Promise<void> {
  const format = formatOf(options);
  const { output = DEFAULT_OUTPUTS[format] } = options;
  const page = await withRuns(options, async ({ connection: { store } }) => {
    const runs = new Set<string>();
    for (const word of words) runs.add(await findRun(store, word));
    return RENDERERS[format](await Promise.all([...runs].map((run) => readRun(store, run))));
  });
  await writeWhole(output, page);
  if (options.json) printJson({ file: output, format });
  else printLine(output);
}

/** `padmm report RUN…`: one file, self-contained HTML or Markdown; prints its path. */
export const reportCommand = (): Command =>
  addPlaceOptions(
    new Command('report')
      .addArgument(runsArgument())
      .option('-o, --output <file>', 'file to write; report.html or report.md without')
      .addOption(
        new Option('--format <format>', 'format of the report; as the name of the file says without').choices(
          Object.keys(RENDERERS),
        ),
      )
      .addOption(jsonOption())
      .addHelpText('after', EXAMPLES)
      .action(report),
  );
