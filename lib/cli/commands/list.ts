import { Command } from 'commander';
import { type ListedRun, listRuns } from '../../observe/runList.ts';
import { duration, percent } from '../format.ts';
import { addPlaceOptions, jsonOption } from '../options.ts';
import { note, printJson, printLine } from '../output.ts';
import { chosenDirectory, lookAtRuns, noRuns, type PlaceOptions } from '../place.ts';
import { type Column, textTable } from '../table.ts';

const EXAMPLES = `
Examples:
  padmm list
  padmm list --stack padmm --region eu-west-1
  padmm list --json | jq -r '.[] | select(.status == "done") | .run'`;

const COLUMNS: readonly Column[] = [
  { head: 'run', align: 'left' },
  { head: 'status', align: 'left' },
  ...['rounds', 'validation', 'test', 'age'].map((head) => ({ head })),
];

function cells(listed: ListedRun, nowMs: number): string[] {
  if ('fault' in listed) return [listed.run, 'unreadable', '', '', '', ''];
  const { run, status, rounds, maxRounds, validationAccuracy, testAccuracy, createdAtMs } = listed.row;
  const age = duration((nowMs - createdAtMs) / 1000);
  return [run, status, `${rounds}/${maxRounds}`, percent(validationAccuracy), percent(testAccuracy), age];
}

/** The table as text; a run that cannot be read has a line of its own. */
export const runTable = (runs: readonly ListedRun[], nowMs: number): string =>
  textTable(
    COLUMNS,
    runs.map((listed) => cells(listed, nowMs)),
  );

const createdAtMs = (listed: ListedRun): number => ('row' in listed ? listed.row.createdAtMs : 0);

interface ListOptions extends PlaceOptions {
  readonly json?: true;
}

async function list(options: ListOptions): Promise<void> {
  const listed = await lookAtRuns(options, async ({ connection, name, stack }) => {
    return { runs: await listRuns(connection.store), none: stack && `${name}: no runs yet` };
  });
  const runs = (listed?.runs ?? []).toSorted((a, b) => createdAtMs(b) - createdAtMs(a));
  if (options.json) printJson(runs.map((listed) => ('row' in listed ? listed.row : listed)));
  else printLine(runTable(runs, Date.now()));
  if (runs.length === 0) note(listed?.none ?? noRuns(chosenDirectory(options)));
  for (const listed of runs) if ('fault' in listed) note(listed.fault);
}

/** `padmm list`: the runs of a directory or a deployment, the newest first. */
export const listCommand = (): Command =>
  addPlaceOptions(new Command('list').addOption(jsonOption()).addHelpText('after', EXAMPLES).action(list));
