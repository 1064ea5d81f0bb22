import { once } from 'node:events';
import { Command, Option } from 'commander';
import { startDashboard } from '../../dashboard/server.ts';
import { openSource } from '../dashboardSource.ts';
import { addPlaceOptions, parsePositiveInteger } from '../options.ts';
import { note, printLine } from '../output.ts';
import type { PlaceOptions } from '../place.ts';

interface DashboardOptions extends PlaceOptions {
  readonly port?: number;
}

const EXAMPLES = `
The page is served to this machine alone, and follows all runs while they are trained. Pausing, resuming and stopping
need the token in the printed address, which is another at each start.

Examples:
  padmm dashboard
  padmm dashboard --dir .padmm --port 7400
  padmm dashboard --stack padmm --region eu-west-1`;

async function dashboard({ port = 0, ...place }: DashboardOptions): Promise<void> {
  const source = await openSource(place);
  try {
    const served = await startDashboard({ source, port, log: note });
    printLine(served.url);
    note(`runs of ${source.name}; Ctrl-C ends the dashboard and leaves the runs alone`);
    const interrupted = new AbortController();
    await Promise.race(
      ['SIGINT', 'SIGTERM'].map((name) => once(process, name, { signal: interrupted.signal })),
    );
    interrupted.abort();
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
    .addHelpText('after', EXAMPLES)
    .action(dashboard);
