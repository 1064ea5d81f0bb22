/** How a run's progress is shown: one line that moves on a terminal, a few lines where stderr is a file or a pipe. */
import ora from 'ora';
import type { RunConfig } from '../protocol/config.ts';
import type { RunState } from '../protocol/state.ts';
import { duration, percent } from './format.ts';

/** Lines of progress where there is no terminal. */
const SPARSE_LINES = 10;
const BAR_CELLS = 24;

export interface ProgressView {
  /** What is being done before there are rounds. */
  activity(text: string): void;
  show(state: RunState): void;
  end(): void;
}

/** Seconds until the last round, at the pace since the first look; null while there is none. */
export function remainingTime({ stop }: RunConfig): (state: RunState, nowMs: number) => number | null {
  let first: { readonly version: number; readonly atMs: number } | undefined;
  return ({ version }, nowMs) => {
    first ??= { version, atMs: nowMs };
    if (version === first.version) return null;
    return ((nowMs - first.atMs) / 1000 / (version - first.version)) * (stop.maxRounds - version);
  };
}

/** Everything worth a look while it runs, in one line. */
export function progressLine({ stop }: RunConfig, state: RunState, remainingSeconds: number | null): string {
  const validation = state.evaluations.latest?.metrics;
  return [
    `round ${state.version}/${stop.maxRounds}`,
    state.latest && `loss ${state.latest.loss.toFixed(3)}`,
    validation && `validation ${percent(validation.accuracy)} (loss ${validation.loss.toFixed(3)})`,
    state.residuals &&
      `residuals ${state.residuals.primal.toExponential(1)} ${state.residuals.dual.toExponential(1)}`,
    state.status === 'running' && remainingSeconds !== null && `${duration(remainingSeconds)} left`,
    state.status !== 'running' && state.status,
  ]
    .filter(Boolean)
    .join(' · ');
}

function bar(share: number): string {
  const full = Math.round(share * BAR_CELLS);
  return '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
}

function terminalProgress(config: RunConfig): ProgressView {
  const spinner = ora({ stream: process.stderr, discardStdin: false }).start();
  const remaining = remainingTime(config);
  return {
    activity(text) {
      spinner.text = text;
    },
    show(state) {
      const line = progressLine(config, state, remaining(state, Date.now()));
      spinner.text = `${bar(state.version / config.stop.maxRounds)} ${line}`;
    },
    end() {
      spinner.stop();
    },
  };
}

function sparseProgress(config: RunConfig): ProgressView {
  let [shown, activity] = ['', ''];
  const remaining = remainingTime(config);
  return {
    activity(text) {
      const [subject] = text.split(':');
      if (subject !== activity) process.stderr.write(`${subject}\n`);
      activity = subject ?? '';
    },
    show(state) {
      const remainingSeconds = remaining(state, Date.now());
      const part = `${Math.floor((state.version / config.stop.maxRounds) * SPARSE_LINES)} ${state.status}`;
      if (part === shown) return;
      shown = part;
      process.stderr.write(`${progressLine(config, state, remainingSeconds)}\n`);
    },
    end() {},
  };
}

export const createProgress = (config: RunConfig): ProgressView =>
  process.stderr.isTTY ? terminalProgress(config) : sparseProgress(config);
