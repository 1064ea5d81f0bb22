import { styleText } from 'node:util';
import Table from 'cli-table3';
import { Command } from 'commander';
import { type ListedRun, listRuns } from '../../observe/runList.ts';
import { duration, percent } from '../format.ts';
import { addPlaceOptions, jsonOption } from '../options.ts';
import { note, printJson, printLine } from '../output.ts';
import { chosenDirectory, lookAtRuns, noRuns, type PlaceOptions } from '../place.ts';

const EXAMPLES = `
Examples:
  padmm list
  padmm list --stack padmm --region eu-west-1
  padmm list --json | jq -r '.[] | select(.status == "done") | .run'`;

const HEADS = ['run', 'status', 'rounds', 'validation', 'test', 'age'];
/** No lines, two spaces between columns: as easy to read for a person as for cut and awk. */
const NO_LINES = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left']
    .concat(['left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
    .map((name) => [name, '']),
);

function cells(listed: ListedRun, nowMs: number): string[] {
  if ('fault' in listed) return [listed.run, 'unreadable', '', '', '', ''];
  const { run, status, rounds, maxRounds, validationAccuracy, testAccuracy, createdAtMs } = listed.row;
  const age = duration((nowMs - createdAtMs) / 1000);
  return [run, status, `${rounds}/${maxRounds}`, percent(validationAccuracy), percent(testAccuracy), age];
}

/** The table as text; a run that cannot be read has a line of its own. */
export function runTable(runs: readonly ListedRun[], nowMs: number): string {
  const table = new Table({
    head: HEADS.map((head) => styleText('bold', head, { stream: process.stdout })),
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
    chars: { ...NO_LINES, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...runs.map((listed) => cells(listed, nowMs)));
  return table.toString();
}

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
