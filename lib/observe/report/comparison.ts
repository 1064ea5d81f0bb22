/** Charts that lay several runs over each other. */
import type { RunView } from '../runView.ts';
import { type Chart, type Curve, makeChart } from './chart.ts';
import { validationCurve } from './runCharts.ts';

function primalCurve({ state, rounds }: RunView): Curve {
  return {
    label: state.run,
    points: rounds.map(({ version, residuals }) => [version, residuals.primal]),
    sparse: false,
  };
}

/** Validation loss, validation accuracy and primal residual of every run, against rounds. */
export function comparisonCharts(views: readonly RunView[]): Chart[] {
  const measured = (metric: 'loss' | 'accuracy'): Curve[] =>
    views.map(({ state, evaluations }) => validationCurve(state.run, evaluations, metric));
  const charts = [
    makeChart({
      id: 'compare-loss',
      title: 'Validation loss',
      note: 'Mean loss an output on validation data, against rounds.',
      quantity: 'number',
      scale: 'linear',
      curves: measured('loss'),
    }),
    makeChart({
      id: 'compare-accuracy',
      title: 'Validation accuracy',
      note: 'Share of right answers on validation data, against rounds.',
      quantity: 'percent',
      scale: 'linear',
      curves: measured('accuracy'),
    }),
    makeChart({
      id: 'compare-primal',
      title: 'Primal residual',
      note: 'How far the shards’ solutions are from consensus. Logarithmic.',
      quantity: 'number',
      scale: 'log',
      curves: views.map(primalCurve),
    }),
  ];
  return charts.filter((chart) => chart !== null);
}
