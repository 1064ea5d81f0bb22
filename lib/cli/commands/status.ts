import { styleText } from 'node:util';
import { Command } from 'commander';
import { readRunHead } from '../../observe/runView.ts';
import type { Metrics } from '../../protocol/figures.ts';
import { isEnded } from '../../protocol/state.ts';
import { bytes, duration, figure, NONE, percent } from '../format.ts';
import { addPlaceOptions, jsonOption } from '../options.ts';
import { note, printJson, printLine } from '../output.ts';
import { chosenDirectory, howToGoOn, type PlaceOptions, withRuns } from '../place.ts';
import { findRun, runArgument } from '../runArgument.ts';
import { type RunStatusReport, runStatus, type WaitingTask } from '../runStatus.ts';
import { type RunTroubles, readTroubles } from '../runTroubles.ts';

interface StatusOptions extends PlaceOptions {
  readonly json?: true;
}

const EXAMPLES = `
Beside what the run's state says: messages that nobody could deal with, answers that were refused, and of a deployment
why fewer workers run than are wanted.

Examples:
  padmm status latest
  padmm status quickstart --json | jq .residuals
  padmm status latest --stack padmm`;

type Line = readonly [label: string, value: string];

/** Lines of a list, the label before the first. */
const listLines = (label: string, values: readonly string[]): Line[] =>
  values.map((value, i) => [i === 0 ? label : '', value]);

const quality = (metrics: Metrics | null | undefined): string =>
  metrics == null
    ? NONE
    : `${percent(metrics.accuracy)}, loss ${figure(metrics.loss)} (${metrics.samples} samples)`;

function describeTask({ kind, shard, block, version, attempt, waitingSeconds }: WaitingTask): string {
  const other = block === undefined ? `${kind} version ${version}` : `block ${block} of version ${version}`;
  const what = shard === null ? other : `shard ${shard} from version ${version}`;
  return `${what}, ${duration(waitingSeconds)}${attempt === 0 ? '' : `, asked ${attempt + 1} times`}`;
}

function progressLines(status: RunStatusReport): Line[] {
  const { reason, rounds, maxRounds, batch, residuals, penalty, evaluations, model } = status;
  const { latest, best } = evaluations;
  return [
    ['status', reason === '' ? status.status : `${status.status} (${reason})`],
    ['rounds', `${rounds} of ${maxRounds}`],
    ['dataset', `${status.dataset}, ${status.shards} shards, ${status.mode}`],
    ['batch', batch === null ? NONE : `${percent(batch.accuracy)}, loss ${figure(batch.loss)}`],
    ['residuals', `primal ${figure(residuals?.primal)}, dual ${figure(residuals?.dual)}`],
    ['penalty σ', `input ${penalty.input}, recurrent ${penalty.recurrent}, readout ${penalty.readout}`],
    ['validation', latest === null ? NONE : `version ${latest.version}: ${quality(latest.metrics)}`],
    ['best so far', best === null ? NONE : `version ${best.version}: ${quality(best.metrics)}`],
    ['model', model === null ? 'not chosen yet' : `version ${model.version}, SHA-256 ${model.digest}`],
    ['test', quality(model?.test)],
  ];
}

function effortLines({ counters, workers, fingerprints, reproducible, ...status }: RunStatusReport): Line[] {
  const { samplesSeen, workerSeconds, workerReadBytes, workerWrittenBytes } = counters;
  return [
    ...listLines('waiting for', status.waiting.map(describeTask)),
    ['samples', `${samplesSeen}`],
    ['workers', workers.length === 0 ? NONE : workers.join(', ')],
    ['worker time', duration(workerSeconds)],
    ['bytes', `${bytes(workerReadBytes)} read, ${bytes(workerWrittenBytes)} written`],
    ['refused', `${counters.refused}`],
    ['late', `${counters.late}`],
    ['duplicates', `${counters.duplicates}`],
    ...listLines('backend', fingerprints),
    ['reproducible', reproducible ? 'yes' : 'no'],
    ['age', duration((Date.now() - status.createdAtMs) / 1000)],
    ['last change', `${duration((Date.now() - status.updatedAtMs) / 1000)} ago`],
  ];
}

function troubleLines({ deadLetters, refusedResults, fleet }: RunTroubles): Line[] {
  const { counts = { tasks: 0, results: 0, folds: 0 }, letters = [] } = deadLetters ?? {};
  const dead = letters.map(
    ({ source, shard, block, version, attempt, receiveCount, reason }) =>
      `${source}: ${block === null ? `shard ${shard ?? NONE}` : `block ${block}`}, version ${version ?? NONE}, attempt ${attempt ?? NONE}, received ${receiveCount} times, ${reason}`,
  );
  const refused = refusedResults.map(
    ({ shard, version, key, sizeBytes }) =>
      `shard ${shard} from version ${version}, ${bytes(sizeBytes)}: ${key}`,
  );
  const all = counts.tasks + counts.results + counts.folds;
  return [
    ...(fleet === null
      ? []
      : [['fleet', `${fleet.running} running, ${fleet.pending} starting, ${fleet.desired} wanted`] as const]),
    ...(fleet?.diagnosis ? [['why', fleet.diagnosis] as const] : []),
    ...listLines(
      'ECS says',
      fleet && fleet.running < fleet.desired ? [...fleet.stopped, ...fleet.events] : [],
    ),
    ...(all === 0
      ? []
      : [['dead letters', `${all} in the deployment, ${letters.length} of this run`] as const]),
    ...listLines('', dead),
    ...listLines('set aside', refused),
  ];
}

function printStatus(status: RunStatusReport & RunTroubles): void {
  const lines: Line[] = [
    ['run', status.run],
    ...progressLines(status),
    ...effortLines(status),
    ...troubleLines(status),
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  for (const [label, value] of lines) {
    printLine(`${styleText('dim', label.padEnd(width), { stream: process.stdout })}  ${value}`);
  }
}

async function showStatus(word: string, options: StatusOptions): Promise<void> {
  const status = await withRuns(options, async (place) => {
    const { store } = place.connection;
    const head = await readRunHead(store, await findRun(store, word));
    const troubles = await readTroubles(place, head.state.run);
    return { ...runStatus(head, { session: place.live, nowMs: Date.now() }), ...troubles };
  });
  if (options.json) printJson(status);
  else printStatus(status);
  if (!status.session && !isEnded(status.status)) {
    const directory = chosenDirectory(options);
    note(`no session is training in ${directory}; ${howToGoOn(status.run, directory)}`);
  }
  if (status.deadLetters !== null && status.deadLetters.letters.length > 0) {
    note(`once the cause is mended: padmm redrive ${status.run}`);
  }
}

/** `padmm status RUN`: how a run stands. */
export const statusCommand = (): Command =>
  addPlaceOptions(
    new Command('status')
      .addArgument(runArgument())
      .addOption(jsonOption())
      .addHelpText('after', EXAMPLES)
      .action(showStatus),
  );
