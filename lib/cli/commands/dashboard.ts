import { Command, Option } from 'commander';
import { startDashboard } from '../../dashboard/server.ts';
import { openSource } from '../dashboardSource.ts';
import { interruption } from '../interruption.ts';
import { addPlaceOptions, jsonOption, parsePositiveInteger } from '../options.ts';
import { note, printJson, printLine } from '../output.ts';
import type { PlaceOptions } from '../place.ts';

interface DashboardOptions extends PlaceOptions {
  readonly port?: number;
  readonly json?: true;
}

const EXAMPLES = `
The page is served to this machine alone, and follows all runs while they are trained. Pausing, resuming and stopping
need the token in the printed address, which is another at each start.

Examples:
  padmm dashboard
  padmm dashboard --dir .padmm --port 7400
  padmm dashboard --stack padmm --region eu-west-1`;

async function dashboard({ port = 0, json, ...place }: DashboardOptions): Promise<void> {
  const source = await openSource(place);
  try {
    const served = await startDashboard({ source, port, log: note });
    const { url, token } = served;
    if (json) printJson({ url, token });
    else printLine(url);
    note(`runs of ${source.name}; Ctrl-C ends the dashboard and leaves the runs alone`);
    await interruption();
    await served.close();
  } finally {
    source.close();
  }
}

/** `padmm dashboard`: a live page of all runs, until Ctrl-C. */
export const dashboardCommand = (): Command =>
  addPlaceOptions(
    new Command('dashboard').addOption(
      new Option('--port <n>', 'port of the page; a free one without').argParser(parsePositiveInteger),
    ),
  )
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(dashboard);
