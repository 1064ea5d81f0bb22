import { describe, expect, test } from 'vitest';
import { comparisonCharts } from '../../../lib/observe/report/comparison.ts';
import { runCharts } from '../../../lib/observe/report/runCharts.ts';
import { runFigures } from '../../../lib/observe/roundFigures.ts';
import type { RunView } from '../../../lib/observe/runView.ts';
import { syntheticRun } from '../syntheticRun.ts';

const view = syntheticRun({ rounds: 20, shards: 4, workers: 3 });

function valuesOf(run: RunView, id: string, label: string): readonly (number | null)[] {
  const chart = runCharts(runFigures(run)).find((candidate) => candidate.id === id);
  return chart?.series.find((series) => series.label === label)?.values ?? [];
}

const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 4));

describe('charts of a run', () => {
  test('show what the history says of each round', () => {
    expect(valuesOf(view, 'loss', 'batch')).toEqual(close(view.rounds.map(({ loss }) => loss)));
    expect(valuesOf(view, 'residuals', 'primal')).toEqual(
      close(view.rounds.map(({ residuals }) => residuals.primal)),
    );
    expect(valuesOf(view, 'penalties', 'readout')).toEqual(view.rounds.map(() => 0.01));
  });

  test('show validation at its versions alone, and never the test set', () => {
    const measured = valuesOf(view, 'accuracy', 'validation').filter((value) => value !== null);
    const validation = view.evaluations.filter(({ split }) => split === 'validation');
    expect(measured).toEqual(close(validation.map(({ metrics }) => metrics.accuracy ?? -1)));
  });

  test('sum bytes over the tasks of a round, and average their seconds', () => {
    expect(valuesOf(view, 'bytes', 'written')).toEqual(view.rounds.map(() => 4 * 86_056));
    const [first] = view.rounds;
    const mean = (first?.arrivals ?? []).reduce((sum, { seconds }) => sum + seconds.solve / 4, 0);
    expect(valuesOf(view, 'seconds', 'solve')[0]).toBeCloseTo(mean, 5);
  });

  test('measure a round from the version before it, the first from the run’s creation', () => {
    const between = valuesOf(view, 'seconds', 'version to version');
    expect(between.slice(0, 3)).toEqual([1.22, 0.42, 0.42]);
    const late = { ...view, rounds: view.rounds.slice(5) };
    expect(valuesOf(late, 'seconds', 'version to version').slice(0, 2)).toEqual([null, 0.42]);
  });

  test('of a regression have no accuracy', () => {
    const rounds = view.rounds.map((round) => ({ ...round, accuracy: null }));
    const evaluations = view.evaluations.map((e) => ({ ...e, metrics: { ...e.metrics, accuracy: null } }));
    const ids = runCharts(runFigures({ ...view, rounds, evaluations })).map(({ id }) => id);
    expect(ids).toEqual(['loss', 'residuals', 'seconds', 'bytes', 'penalties']);
  });

  test('are none before the first round', () => {
    expect(runCharts(runFigures(syntheticRun({ rounds: 0 })))).toEqual([]);
  });
});

test('a comparison has a curve for every run', () => {
  const other = syntheticRun({ name: 'other', rounds: 40 });
  for (const chart of comparisonCharts([view, other].map(runFigures))) {
    expect(chart.series.map(({ label }) => label)).toEqual([view.state.run, other.state.run]);
  }
});
