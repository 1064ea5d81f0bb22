import { styleText } from 'node:util';
import { Command } from 'commander';
import { readRunHead } from '../../observe/runView.ts';
import type { Metrics } from '../../protocol/figures.ts';
import { isEnded } from '../../protocol/state.ts';
import { bytes, duration, figure, NONE, percent } from '../format.ts';
import { howToGoOn, withRuns } from '../localRuns.ts';
import { directoryOption, jsonOption } from '../options.ts';
import { note, printJson, printLine } from '../output.ts';
import { findRun, runArgument } from '../runArgument.ts';
import { type RunStatusReport, runStatus, type WaitingTask } from '../runStatus.ts';

interface StatusOptions {
  readonly dir: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  padmm status latest
  padmm status quickstart --json | jq .residuals`;

type Line = readonly [label: string, value: string];

const quality = (metrics: Metrics | null | undefined): string =>
  metrics == null
    ? NONE
    : `${percent(metrics.accuracy)}, loss ${figure(metrics.loss)} (${metrics.samples} samples)`;

function describeTask({ kind, shard, version, attempt, waitingSeconds }: WaitingTask): string {
  const what = shard === null ? `${kind} version ${version}` : `shard ${shard} from version ${version}`;
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
    ...status.waiting.map((task, i): Line => [i === 0 ? 'waiting for' : '', describeTask(task)]),
    ['samples', `${samplesSeen}`],
    ['workers', workers.length === 0 ? NONE : workers.join(', ')],
    ['worker time', duration(workerSeconds)],
    ['bytes', `${bytes(workerReadBytes)} read, ${bytes(workerWrittenBytes)} written`],
    ['refused', `${counters.refused}`],
    ['late', `${counters.late}`],
    ['duplicates', `${counters.duplicates}`],
    ...fingerprints.map((print, i): Line => [i === 0 ? 'backend' : '', print]),
    ['reproducible', reproducible ? 'yes' : 'no'],
    ['age', duration((Date.now() - status.createdAtMs) / 1000)],
    ['last change', `${duration((Date.now() - status.updatedAtMs) / 1000)} ago`],
  ];
}

function printStatus(status: RunStatusReport): void {
  const lines: Line[] = [['run', status.run], ...progressLines(status), ...effortLines(status)];
  const width = Math.max(...lines.map(([label]) => label.length));
  for (const [label, value] of lines) {
    printLine(`${styleText('dim', label.padEnd(width), { stream: process.stdout })}  ${value}`);
  }
}

async function showStatus(word: string, { dir, json }: StatusOptions): Promise<void> {
  const status = await withRuns(dir, async ({ connection: { store }, live }) => {
    const head = await readRunHead(store, await findRun(store, word));
    return runStatus(head, { session: live, nowMs: Date.now() });
  });
  if (json) printJson(status);
  else printStatus(status);
  if (!status.session && !isEnded(status.status)) {
    note(`no session is training in ${dir}; ${howToGoOn(status.run, dir)}`);
  }
}

/** `padmm status RUN`: how a run stands. */
export const statusCommand = (): Command =>
  new Command('status')
    .addArgument(runArgument())
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(showStatus);
