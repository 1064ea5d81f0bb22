import { join } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../errors.ts';
import { type RunView, readRun } from '../../observe/runView.ts';
import { addPlaceOptions } from '../options.ts';
import { printLine } from '../output.ts';
import { type PlaceOptions, withRuns } from '../place.ts';
import { findRun, runArgument } from '../runArgument.ts';
import { writeWhole } from '../writeWhole.ts';

interface ExportOptions extends PlaceOptions {
  readonly tensorboard?: string;
  readonly csv?: string;
  readonly parquet?: string;
  readonly json?: string;
}

const EXAMPLES = `
CSV and Parquet hold a row a version; JSON holds all that is known, every contribution too. The directory of
TensorBoard gets one for the run, with its curves on training, validation and test data. Of a run in progress it is
what there is so far. What is there already is replaced. The model itself is written by "padmm download".

Examples:
  padmm export latest --csv history.csv --parquet history.parquet
  padmm export latest --tensorboard logs && tensorboard --logdir logs`;

async function exportTensorBoard(view: RunView, directory: string): Promise<string> {
  const { eventFileName, tensorBoardEvents, tensorBoardSplits } = await import(
    '../../observe/export/tensorBoard.ts'
  );
  const target = join(directory, view.state.run);
  for (const split of tensorBoardSplits) {
    const events = tensorBoardEvents(view, split);
    if (events !== null) await writeWhole(join(target, split, eventFileName(view)), events);
  }
  return target;
}

async function exportFiles(view: RunView, { csv, parquet, json }: ExportOptions): Promise<string[]> {
  const { historyCsv, historyJson, historyParquet } = await import('../../observe/export/historyFiles.ts');
  const written: string[] = [];
  const write = async (path: string | undefined, encode: (view: RunView) => string | Uint8Array) => {
    if (path === undefined) return;
    await writeWhole(path, encode(view));
    written.push(path);
  };
  await write(csv, historyCsv);
  await write(parquet, historyParquet);
  await write(json, historyJson);
  return written;
}

async function exportHistory(word: string, options: ExportOptions): Promise<void> {
  const { tensorboard, csv, parquet, json } = options;
  if ([tensorboard, csv, parquet, json].every((path) => path === undefined)) {
    throw new UsageError(
      'export: expected --tensorboard, --csv, --parquet or --json with a path, received none',
    );
  }
  const view = await withRuns(options, async ({ connection: { store } }) =>
    readRun(store, await findRun(store, word)),
  );
  const written = await exportFiles(view, options);
  if (tensorboard !== undefined) written.push(await exportTensorBoard(view, tensorboard));
  for (const path of written) printLine(path);
}

/** `padmm export RUN`: the history in files of other tools; prints their paths. */
export const exportCommand = (): Command =>
  addPlaceOptions(
    new Command('export')
      .addArgument(runArgument())
      .option('--tensorboard <directory>', 'event files of TensorBoard')
      .option('--csv <file>', 'a table, a row a version')
      .option('--parquet <file>', 'the same table')
      .option('--json <file>', 'all records')
      .addHelpText('after', EXAMPLES)
      .action(exportHistory),
  );
