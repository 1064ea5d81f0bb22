/** How a run's progress is shown: one line that moves on a terminal, a few lines where stderr is a file or a pipe. */
import type { RunConfig } from '../protocol/config.ts';
import type { RunState } from '../protocol/state.ts';
import { duration, percent } from './format.ts';
import { note } from './output.ts';
import { startSpinner } from './spinner.ts';
import { canDraw, isVerbose } from './verbosity.ts';

/** Lines of progress where there is no terminal. */
const SPARSE_LINES = 10;
const BAR_CELLS = 24;

export interface ProgressView {
  /** What is being done before there are rounds. */
  activity(text: string): void;
  show(state: RunState): void;
  end(): void;
}

/** How fast a run goes, by what was seen of it. */
export interface Pace {
  readonly samplesPerSecond: number;
  /** Until the last round. */
  readonly remainingSeconds: number;
}

/** The pace since the first look; null while there is none. */
export function paceOf({ stop }: RunConfig): (state: RunState, nowMs: number) => Pace | null {
  let first: { readonly version: number; readonly samples: number; readonly atMs: number } | undefined;
  return ({ version, counters: { samplesSeen } }, nowMs) => {
    first ??= { version, samples: samplesSeen, atMs: nowMs };
    if (version === first.version) return null;
    const seconds = Math.max(nowMs - first.atMs, 1) / 1000;
    return {
      samplesPerSecond: (samplesSeen - first.samples) / seconds,
      remainingSeconds: (seconds / (version - first.version)) * Math.max(0, stop.maxRounds - version),
    };
  };
}

/** Everything worth a look while it runs, in one line. */
export function progressLine({ stop }: RunConfig, state: RunState, pace: Pace | null): string {
  const { latest, residuals, status } = state;
  const validation = state.evaluations.latest?.metrics;
  const isRunning = status === 'running';
  return [
    `round ${state.version}/${stop.maxRounds}`,
    isRunning && pace && `${Math.round(pace.samplesPerSecond)} samples/s`,
    latest && `loss ${latest.loss.toFixed(3)}`,
    latest && latest.accuracy !== null && `accuracy ${percent(latest.accuracy)}`,
    validation && `validation ${percent(validation.accuracy)} (loss ${validation.loss.toFixed(3)})`,
    residuals && `residuals ${residuals.primal.toExponential(1)} ${residuals.dual.toExponential(1)}`,
    isRunning ? pace && `${duration(pace.remainingSeconds)} left` : status,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** A share from 0 to 1 as a bar. */
export function bar(share: number): string {
  const full = Math.round(Math.min(share, 1) * BAR_CELLS);
  return '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
}

function terminalProgress(config: RunConfig): ProgressView {
  const spinner = startSpinner();
  const pace = paceOf(config);
  return {
    activity(text) {
      spinner.text = text;
    },
    show(state) {
      const line = progressLine(config, state, pace(state, Date.now()));
      spinner.text = `${bar(state.version / config.stop.maxRounds)} ${line}`;
    },
    end() {
      spinner.stop();
    },
  };
}

/** A line where something has changed that is worth one; with --verbose for every round that is seen. */
function sparseProgress(config: RunConfig): ProgressView {
  let [shown, activity] = ['', ''];
  const pace = paceOf(config);
  return {
    activity(text) {
      const [subject] = text.split(':');
      if (subject !== undefined && subject !== activity) note(subject);
      activity = subject ?? '';
    },
    show(state) {
      const now = pace(state, Date.now());
      const tenth = Math.floor((state.version / config.stop.maxRounds) * SPARSE_LINES);
      const part = `${isVerbose() ? state.version : tenth} ${state.status}`;
      if (part === shown) return;
      shown = part;
      note(progressLine(config, state, now));
    },
    end() {},
  };
}

/** How the progress of a run is shown: not at all with --quiet, which `note` holds to. */
export const createProgress = (config: RunConfig): ProgressView =>
  canDraw() ? terminalProgress(config) : sparseProgress(config);
