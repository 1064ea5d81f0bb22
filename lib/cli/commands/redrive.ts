import { Command } from 'commander';
import { redriveRuns } from '../../client/deadLetters.ts';
import { listRuns } from '../../observe/runList.ts';
import { readRunHead } from '../../observe/runView.ts';
import { isEnded } from '../../protocol/state.ts';
import { addPlaceOptions, jsonOption } from '../options.ts';
import { note, printJson } from '../output.ts';
import { nobodyTrains, type Place, type PlaceOptions, withRuns } from '../place.ts';
import { findRun, optionalRunArgument } from '../runArgument.ts';
import { refuseEnded } from '../sessionRun.ts';

interface RedriveOptions extends PlaceOptions {
  readonly json?: true;
}

const EXAMPLES = `
What is outstanding is sent again however often it failed, shards that were given up rejoin, results that could not be
taken in are delivered again. Without a run: every run that has not ended; dead letters of others are dropped. Mend the
cause first: padmm status says what it is.

Examples:
  padmm redrive latest
  padmm redrive --stack padmm --json`;

interface Targets {
  readonly runs: readonly string[];
  readonly isGone: (run: string) => boolean;
}

async function oneRun(place: Place, word: string): Promise<Targets> {
  const run = await findRun(place.connection.store, word);
  const { state } = await readRunHead(place.connection.store, run);
  refuseEnded(state);
  if (!place.live) throw nobodyTrains(place.name, state);
  return { runs: [run], isGone: () => false };
}

/** A run that cannot be read is neither redriven nor gone. */
async function everyRun(place: Place): Promise<Targets> {
  const listed = await listRuns(place.connection.store);
  const known = new Set(listed.map(({ run }) => run));
  const ended = new Set(
    listed.flatMap((entry) => ('row' in entry && isEnded(entry.row.status) ? [entry.run] : [])),
  );
  const runs = listed.flatMap((entry) => ('row' in entry && !ended.has(entry.run) ? [entry.run] : []));
  for (const entry of listed) if ('fault' in entry) note(entry.fault);
  return { runs: place.live ? runs : [], isGone: (run) => ended.has(run) || !known.has(run) };
}

function redrive(word: string | undefined, options: RedriveOptions): Promise<void> {
  return withRuns(options, async (place) => {
    const targets = word === undefined ? await everyRun(place) : await oneRun(place, word);
    const { runs } = targets;
    if (!place.live) {
      note(`${place.name}: nobody trains here, so nothing waits to be sent again`);
      if (options.json) printJson({ runs, results: 0, tasks: 0, folds: 0, dropped: 0 });
      return;
    }
    const redriven = await redriveRuns(place.connection, place.deployment, targets);
    const { results, tasks, folds, dropped } = redriven;
    note(
      `asked ${runs.length} runs to send what is outstanding again; dead letters: ${results} results delivered again, ` +
        `${tasks} tasks and ${folds} blocks replaced, ${dropped} of runs that are over dropped`,
    );
    if (options.json) printJson({ runs, ...redriven });
  });
}

/** `padmm redrive [RUN]`: forgets failures once their cause is mended. */
export const redriveCommand = (): Command =>
  addPlaceOptions(new Command('redrive').addArgument(optionalRunArgument()))
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(redrive);
