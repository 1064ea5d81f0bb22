/** Figures of several seeds as text and as lines. */
import type { Metrics } from '../../../lib/protocol/figures.ts';
import type { Line } from '../section.ts';
import { spreadOf } from '../statistics.ts';
import type { Task } from '../tasks.ts';
import type { Measured, Point, Training } from '../trial.ts';

type Measure = Task['measure'];

/** The figure that a task is told by: accuracy in percent, or the loss in nats. */
export const figureOf = (measure: Measure, metrics: Metrics): number =>
  measure === 'accuracy' ? 100 * (metrics.accuracy ?? 0) : metrics.loss;

export const measureLabel = (measure: Measure): string =>
  measure === 'accuracy' ? 'accuracy (%)' : 'loss (nats)';

const decimals = (measure: Measure): number => (measure === 'accuracy' ? 2 : 3);

/** Mean ± standard deviation over seeds. */
export function spreadText(values: readonly number[], measure: Measure): string {
  const { mean, deviation, count } = spreadOf(values);
  const digits = decimals(measure);
  return count === 1 ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
}

/** What is measured of a model on test data, over seeds; a dash where a run left none. */
export function testText(
  trainings: readonly Training[],
  model: (training: Training) => Measured,
  measure: Measure,
): string {
  const tests = trainings.map((training) => model(training).test);
  if (tests.some((test) => test === null)) return '–';
  const text = spreadText(
    tests.flatMap((test) => (test === null ? [] : figureOf(measure, test))),
    measure,
  );
  const diverged = trainings.filter((training) => training.diverged !== null).length;
  return diverged === 0 ? text : `${text} (${diverged} of ${trainings.length} diverged)`;
}

/** The curve of a method on validation data: the mean over seeds of every measurement that all of them made. */
export function meanCurve(
  label: string,
  trainings: readonly Training[],
  measure: Measure,
  x: 'samples' | 'seconds',
): Line {
  const length = Math.min(...trainings.map(({ curve }) => curve.length));
  const mean = (at: number, value: (point: Point) => number): number =>
    spreadOf(trainings.map(({ curve }) => value(curve[at] as Point))).mean;
  const points = Array.from({ length }, (_, at) => ({
    x: mean(at, (point) => point[x]),
    y: mean(at, (point) => figureOf(measure, point.metrics)),
  }));
  return { label, points };
}
