/** What a person writes to name a run: its id, the beginning of one, or `latest`. */
import { Argument } from 'commander';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { UsageError } from '../errors.ts';
import { listRunIds } from '../observe/runList.ts';
import { note } from './output.ts';

const LATEST = 'latest';
const ULID_LENGTH = 26;
const MAX_SHOWN = 5;

/** The argument of a command that takes one run. */
export const runArgument = (): Argument =>
  new Argument('<run>', `id of a run, a beginning that no other has, or "${LATEST}"`);

/** The argument of a command that takes one run, or all that it fits. */
export const optionalRunArgument = (): Argument =>
  new Argument('[run]', `id of a run, a beginning that no other has, or "${LATEST}"; all without`);

/** The argument of a command that takes several. */
export const runsArgument = (): Argument =>
  new Argument('<run...>', `ids of runs, beginnings that no others have, or "${LATEST}"`);

const shown = (runs: readonly string[]): string =>
  runs.length > MAX_SHOWN
    ? `${runs.slice(0, MAX_SHOWN).join(', ')} and ${runs.length - MAX_SHOWN} more`
    : runs.join(', ');

/** Ids end in a ULID, which begins with the time at which it was drawn. */
const newestFirst = (runs: readonly string[]): string[] =>
  runs.toSorted((a, b) => (a.slice(-ULID_LENGTH) < b.slice(-ULID_LENGTH) ? 1 : -1));

function commonPrefixLength(a: string, b: string): number {
  const end = [...a].findIndex((character, i) => character !== b[i]);
  return end < 0 ? a.length : end;
}

/** Runs that may have been meant: that hold the word somewhere, or else begin most like it. */
function nearMatches(runs: readonly string[], word: string): string[] {
  const lower = word.toLowerCase();
  const holding = runs.filter((run) => run.toLowerCase().includes(lower));
  if (lower !== '' && holding.length > 0) return newestFirst(holding);
  const likeness = (run: string): number => commonPrefixLength(lower, run.toLowerCase());
  return newestFirst(runs).sort((a, b) => likeness(b) - likeness(a));
}

/**
 * The id that a word stands for among these.
 *
 * @throws UsageError where none or several are meant, with those that are near.
 */
export function chooseRun(runs: readonly string[], word: string): string {
  if (runs.includes(word)) return word;
  const fitting =
    word === LATEST ? newestFirst(runs).slice(0, 1) : runs.filter((run) => run.startsWith(word));
  const [run] = fitting;
  if (run !== undefined && fitting.length === 1) return run;
  const expected = `run ${JSON.stringify(word)}: expected an id, the beginning of one, or "${LATEST}"`;
  if (runs.length === 0) throw new UsageError(`${expected}, but there are no runs`);
  if (fitting.length > 1) {
    throw new UsageError(
      `${expected}, received what ${fitting.length} begin with: ${shown(newestFirst(fitting))}`,
    );
  }
  throw new UsageError(
    `${expected}, received what none begins with; near: ${shown(nearMatches(runs, word))}`,
  );
}

/**
 * Finds the run that a word stands for, and says on stderr which it is where the word is not its id.
 *
 * @throws UsageError as {@link chooseRun}.
 */
export async function findRun(store: ObjectStore, word: string): Promise<string> {
  const run = chooseRun(await listRunIds(store), word);
  if (run !== word) note(`run ${run}`);
  return run;
}
