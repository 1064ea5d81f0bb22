/** How a run's progress is shown: one line that moves on a terminal, a few lines where stderr is a file or a pipe. */
import ora from 'ora';
import type { RunConfig } from '../protocol/config.ts';
import type { RunState } from '../protocol/state.ts';

/** Lines of progress where there is no terminal. */
const SPARSE_LINES = 10;
const BAR_CELLS = 24;

export interface ProgressView {
  /** What is being done before there are rounds. */
  activity(text: string): void;
  show(state: RunState): void;
  end(): void;
}

const percent = (share: number | null | undefined): string =>
  share == null ? '–' : `${(100 * share).toFixed(1)} %`;

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Everything worth a look while it runs, in one line. */
export function progressLine({ stop }: RunConfig, state: RunState, nowMs: number): string {
  const elapsedSeconds = (nowMs - state.createdAtMs) / 1000;
  const remaining =
    state.version > 0 ? (elapsedSeconds / state.version) * (stop.maxRounds - state.version) : Number.NaN;
  const validation = state.evaluations.latest?.metrics;
  return [
    `round ${state.version}/${stop.maxRounds}`,
    state.latest && `loss ${state.latest.loss.toFixed(3)}`,
    validation && `validation ${percent(validation.accuracy)} (loss ${validation.loss.toFixed(3)})`,
    state.residuals &&
      `residuals ${state.residuals.primal.toExponential(1)} ${state.residuals.dual.toExponential(1)}`,
    state.status === 'running' && Number.isFinite(remaining) && `${duration(remaining)} left`,
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
  return {
    activity(text) {
      spinner.text = text;
    },
    show(state) {
      spinner.text = `${bar(state.version / config.stop.maxRounds)} ${progressLine(config, state, Date.now())}`;
    },
    end() {
      spinner.stop();
    },
  };
}

function sparseProgress(config: RunConfig): ProgressView {
  let [shown, activity] = [-1, ''];
  return {
    activity(text) {
      const [subject] = text.split(':');
      if (subject !== activity) process.stderr.write(`${subject}\n`);
      activity = subject ?? '';
    },
    show(state) {
      const part = Math.floor((state.version / config.stop.maxRounds) * SPARSE_LINES);
      if (part === shown) return;
      shown = part;
      process.stderr.write(`${progressLine(config, state, Date.now())}\n`);
    },
    end() {},
  };
}

export const createProgress = (config: RunConfig): ProgressView =>
  process.stderr.isTTY ? terminalProgress(config) : sparseProgress(config);
