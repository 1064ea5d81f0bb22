/** How the progress of many runs is shown: a line each on a terminal, their beginnings and ends elsewhere. */
import type { RunState } from '../../protocol/state.ts';
import { isEnded } from '../../protocol/state.ts';
import { percent } from '../format.ts';
import { note } from '../output.ts';
import { bar, paceOf, progressLine } from '../progress.ts';
import { startSpinner } from '../spinner.ts';
import { canDraw, isVerbose } from '../verbosity.ts';
import { describePoint, type SweepPoint } from './grid.ts';

export interface SweepProgress {
  /** What is being done before there are rounds. */
  activity(text: string): void;
  /** @param isNew whether the run begins now; else it was made before, or goes on. */
  begin(index: number, run: string, isNew: boolean): void;
  show(index: number, state: RunState): void;
  end(): void;
}

function ending({ run, status, version, evaluations, model }: RunState): string {
  const metrics = model?.validation ?? evaluations.best?.metrics;
  const quality = metrics && `, validation ${percent(metrics.accuracy)} (loss ${metrics.loss.toFixed(3)})`;
  return `${run}: ${status} after ${version} rounds${quality ?? ''}`;
}

function terminalProgress(points: readonly SweepPoint[]): SweepProgress {
  const spinner = startSpinner();
  const lines = new Map<number, string>();
  const paces = points.map(({ config }) => paceOf(config));
  let done = 0;
  let doing = '';
  const draw = (): void => {
    const head = `${bar(done / points.length)} ${done} of ${points.length} runs`;
    spinner.text = [head, ...lines.values(), doing].filter((line) => line !== '').join('\n  ');
  };
  return {
    activity(text) {
      doing = text;
      draw();
    },
    begin(index, run) {
      lines.set(index, run);
      doing = '';
      draw();
    },
    show(index, state) {
      const point = points[index] as SweepPoint;
      if (isEnded(state.status)) {
        lines.delete(index);
        done += 1;
      } else {
        const pace = paces[index]?.(state, Date.now()) ?? null;
        lines.set(index, `${describePoint(point)}: ${progressLine(point.config, state, pace)}`);
      }
      draw();
    },
    end() {
      spinner.stop();
    },
  };
}

function sparseProgress(points: readonly SweepPoint[]): SweepProgress {
  const place = (index: number) =>
    `${index + 1}/${points.length} ${describePoint(points[index] as SweepPoint)}`;
  return {
    activity() {},
    begin(index, run, isNew) {
      note(`${place(index)}: ${isNew ? 'run' : 'known run'} ${run}`);
    },
    show(index, state) {
      if (isEnded(state.status)) note(`${place(index)}: ${ending(state)}`);
      else if (isVerbose())
        note(`${place(index)}: ${progressLine((points[index] as SweepPoint).config, state, null)}`);
    },
    end() {},
  };
}

export const createSweepProgress = (points: readonly SweepPoint[]): SweepProgress =>
  canDraw() ? terminalProgress(points) : sparseProgress(points);
