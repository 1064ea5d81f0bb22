import { Command, InvalidArgumentError, Option } from 'commander';
import { setBudget } from '../../client/control.ts';
import { readRunHead } from '../../observe/runView.ts';
import type { Budget } from '../../protocol/budget.ts';
import type { RunConfig } from '../../protocol/config.ts';
import type { RunState } from '../../protocol/state.ts';
import { interruptible } from '../interruption.ts';
import { addPlaceOptions, jsonOption, parsePositiveInteger } from '../options.ts';
import { printJson, printLine } from '../output.ts';
import { type PlaceOptions, withRuns } from '../place.ts';
import { findRun, runArgument } from '../runArgument.ts';
import { askOfRun, followSession, refuseEnded } from '../sessionRun.ts';

const CONFIG_WORD = 'config';

interface BudgetOptions
  extends PlaceOptions,
    Readonly<Partial<Record<keyof Budget, number | typeof CONFIG_WORD>>> {
  readonly json?: true;
}

const EXAMPLES = `
Without a limit it shows those in force. "${CONFIG_WORD}" as a value goes back to what the run's config says. A limit that is
reached finishes the run with the best model so far.

Examples:
  padmm budget latest
  padmm budget latest --max-rounds 200 --max-cost-usd 5
  padmm budget mnist --stack padmm --max-cost-usd ${CONFIG_WORD} --json`;

/** A limit, or the word that goes back to the config. */
const orConfig =
  (parse: (text: string) => number) =>
  (text: string): number | typeof CONFIG_WORD =>
    text === CONFIG_WORD ? CONFIG_WORD : parse(text);

function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError(`Expected a number above 0, or "${CONFIG_WORD}".`);
}

/** The limits that count: those that were set, else the config's. */
function inForce({ stop }: RunConfig, { budget }: RunState): Record<keyof Budget, number | null> {
  return {
    maxRounds: budget.maxRounds ?? stop.maxRounds,
    maxWallSeconds: budget.maxWallSeconds ?? stop.maxWallSeconds,
    maxWorkerSeconds: budget.maxWorkerSeconds ?? stop.maxWorkerSeconds,
    maxCostUsd: budget.maxCostUsd ?? stop.maxCostUsd,
  };
}

const NAMES = ['maxRounds', 'maxWallSeconds', 'maxWorkerSeconds', 'maxCostUsd'] as const;

function changesOf(options: BudgetOptions): Partial<Budget> {
  const given = NAMES.filter((name) => options[name] !== undefined);
  return Object.fromEntries(
    given.map((name) => [name, options[name] === CONFIG_WORD ? null : options[name]]),
  );
}

const isTakenIn = (changes: Partial<Budget>, { budget }: RunState): boolean =>
  NAMES.every((name) => !(name in changes) || budget[name] === changes[name]);

/** Asks for the changes, and waits until they are in the run's state. */
async function change(word: string, options: BudgetOptions, changes: Partial<Budget>): Promise<string> {
  const run = await askOfRun(options, word, (found, { results }) => setBudget(results, found, changes));
  const state = await interruptible(
    (signal) => followSession({ place: options, run, signal, look: (looked) => isTakenIn(changes, looked) }),
    () => `no longer waiting; run ${run} was asked to change its limits`,
  );
  if (!isTakenIn(changes, state)) refuseEnded(state);
  return run;
}

async function budget(word: string, options: BudgetOptions): Promise<void> {
  const changes = changesOf(options);
  const named = Object.keys(changes).length === 0 ? word : await change(word, options, changes);
  const shown = await withRuns(options, async ({ connection: { store } }) => {
    const { config, state } = await readRunHead(store, await findRun(store, named));
    return { run: state.run, limits: inForce(config, state), set: state.budget };
  });
  if (options.json) return printJson(shown);
  for (const name of NAMES) {
    const origin = shown.set[name] === null ? CONFIG_WORD : 'set';
    printLine(`${name.padEnd(NAMES[2].length)}  ${shown.limits[name] ?? 'no limit'} (${origin})`);
  }
}

/** `padmm budget RUN`: shows or changes the limits of a run. */
export const budgetCommand = (): Command =>
  addPlaceOptions(
    new Command('budget')
      .addArgument(runArgument())
      .addOption(
        new Option('--max-rounds <n>', 'consensus updates').argParser(orConfig(parsePositiveInteger)),
      )
      .addOption(
        new Option('--max-wall-seconds <s>', 'time since submission, pauses left out').argParser(
          orConfig(parsePositive),
        ),
      )
      .addOption(
        new Option('--max-worker-seconds <s>', 'time of all workers together').argParser(
          orConfig(parsePositive),
        ),
      )
      .addOption(
        new Option('--max-cost-usd <usd>', 'cost at the prices of its config').argParser(
          orConfig(parsePositive),
        ),
      ),
  )
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(budget);
