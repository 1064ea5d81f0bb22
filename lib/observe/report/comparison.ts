/** Charts that lay several runs over each other. */
import type { RunFigures } from '../roundFigures.ts';
import { type AxisName, axes, placesOn } from './axis.ts';
import { type Chart, type ChartInput, type Curve, makeChart, onAxis } from './chart.ts';
import { validationCurve } from './runCharts.ts';

/** A curve of each of several runs, each over its own versions. */
type CurveOf = (figures: RunFigures) => Curve;

const validation =
  (metric: 'loss' | 'accuracy'): CurveOf =>
  ({ run, evaluations }) =>
    validationCurve(run, evaluations, metric);

const residual =
  (name: 'primal' | 'dual'): CurveOf =>
  ({ run, rounds }) => {
    return {
      label: run,
      points: rounds.map(({ version, residuals }) => [version, residuals[name]]),
      sparse: false,
    };
  };

const inputs: readonly (Omit<ChartInput, 'curves'> & { readonly curveOf: CurveOf })[] = [
  {
    id: 'compare-loss',
    title: 'Validation loss',
    note: 'Mean loss an output on validation data.',
    quantity: 'number',
    scale: 'linear',
    curveOf: validation('loss'),
  },
  {
    id: 'compare-accuracy',
    title: 'Validation accuracy',
    note: 'Share of right answers on validation data.',
    quantity: 'percent',
    scale: 'linear',
    curveOf: validation('accuracy'),
  },
  {
    id: 'compare-primal',
    title: 'Primal residual',
    note: 'How far the shards’ solutions are from consensus. Logarithmic.',
    quantity: 'number',
    scale: 'log',
    curveOf: residual('primal'),
  },
  {
    id: 'compare-dual',
    title: 'Dual residual',
    note: 'How far consensus moved, times σ. Logarithmic.',
    quantity: 'number',
    scale: 'log',
    curveOf: residual('dual'),
  },
];

/** Validation loss, validation accuracy and residuals of every run. */
export function comparisonCharts(runs: readonly RunFigures[], axis: AxisName = 'rounds'): Chart[] {
  const places = runs.map((figures) => placesOn(figures, axis));
  return inputs
    .map(({ curveOf, ...input }) => {
      const curves = runs.map((figures, i) => onAxis(curveOf(figures), places[i] ?? (() => undefined)));
      return makeChart({ ...input, curves }, axes[axis]);
    })
    .filter((chart) => chart !== null);
}
