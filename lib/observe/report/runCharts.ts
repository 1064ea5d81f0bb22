/** The line charts of one run, made from its history alone. */
import type { EvaluationRecord } from '../../protocol/history.ts';
import type { RoundFigures, RunFigures } from '../roundFigures.ts';
import { type AxisName, axes, placesOn } from './axis.ts';
import { type Chart, type ChartInput, type Curve, makeChart, onAxis, type Point } from './chart.ts';

const curve = (label: string, points: readonly Point[], sparse = false): Curve => ({ label, points, sparse });

/** A curve with a value for every round. */
function ofRounds(
  label: string,
  rounds: readonly RoundFigures[],
  value: (round: RoundFigures) => number | null,
): Curve {
  return curve(
    label,
    rounds.map((round) => [round.version, value(round)]),
  );
}

/** A curve of what was measured on validation data. */
export function validationCurve(
  label: string,
  evaluations: readonly EvaluationRecord[],
  metric: 'loss' | 'accuracy',
): Curve {
  const measured = evaluations.filter(({ split }) => split === 'validation');
  return curve(
    label,
    measured.map(({ version, metrics }) => [version, metrics[metric]]),
    true,
  );
}

/** Seconds between a version and the one before it; z_0 was there when the run was created. */
function secondsBetweenVersions({ rounds, createdAtMs }: RunFigures): Point[] {
  return rounds.map(({ version, formedAtMs }, i) => {
    const before = version === 1 ? createdAtMs : rounds[i - 1]?.formedAtMs;
    // Coordinators on different machines may disagree about the time.
    return [version, before === undefined ? null : Math.max(0, formedAtMs - before) / 1000];
  });
}

/** A chart without its curves, and how a run's figures give them. */
type ChartMaker = Omit<ChartInput, 'curves'> & { curves(figures: RunFigures): Curve[] };

/** In the order of the page. */
const makers: readonly ChartMaker[] = [
  {
    id: 'loss',
    title: 'Loss',
    note: 'Mean loss an output. Batch loss is measured before the step of its round, validation loss after it.',
    quantity: 'number',
    scale: 'linear',
    curves: ({ rounds, evaluations }) => [
      ofRounds('batch', rounds, (r) => r.loss),
      validationCurve('validation', evaluations, 'loss'),
    ],
  },
  {
    id: 'accuracy',
    title: 'Accuracy',
    note: 'Share of right answers, on the batches of a round and on validation data.',
    quantity: 'percent',
    scale: 'linear',
    curves: ({ rounds, evaluations }) => [
      ofRounds('batch', rounds, (r) => r.accuracy),
      validationCurve('validation', evaluations, 'accuracy'),
    ],
  },
  {
    id: 'residuals',
    title: 'Residuals',
    note: 'Primal: how far the shards’ solutions are from consensus. Dual: how far consensus moved, times σ. Logarithmic.',
    quantity: 'number',
    scale: 'log',
    curves: ({ rounds }) =>
      (['primal', 'dual'] as const).map((name) => ofRounds(name, rounds, (r) => r.residuals[name])),
  },
  {
    id: 'seconds',
    title: 'Seconds a round',
    note: 'Time from one version to the next, and what a task spent of it on average in each phase.',
    quantity: 'seconds',
    scale: 'linear',
    curves: (figures) => [
      curve('version to version', secondsBetweenVersions(figures)),
      ...(['solve', 'fetch', 'upload'] as const).map((phase) =>
        ofRounds(phase, figures.rounds, (r) => r.seconds[phase]),
      ),
    ],
  },
  {
    id: 'bytes',
    title: 'Bytes a round',
    note: 'Payload that workers read from and wrote to the store, over all tasks of a round.',
    quantity: 'bytes',
    scale: 'linear',
    curves: ({ rounds }) => [
      ofRounds('read', rounds, (r) => r.readBytes),
      ofRounds('written', rounds, (r) => r.writtenBytes),
    ],
  },
  {
    id: 'penalties',
    title: 'Penalties',
    note: 'σ of each parameter group, under which the contributions of a round were solved. Logarithmic.',
    quantity: 'number',
    scale: 'log',
    curves: ({ rounds }) =>
      (['recurrent', 'readout', 'input'] as const).map((group) =>
        ofRounds(group, rounds, (r) => r.penalty[group]),
      ),
  },
  {
    id: 'staleness',
    title: 'Staleness a round',
    note: 'How many versions the contributions of a round were behind when they were taken in.',
    quantity: 'number',
    scale: 'linear',
    curves({ rounds, mode }) {
      // A synchronous run takes in nothing stale.
      const stale = mode === 'async' ? rounds : [];
      return [
        ofRounds('largest', stale, (r) => r.staleness.max),
        ofRounds('mean', stale, (r) => r.staleness.mean),
      ];
    },
  },
];

/** The charts of a run that have something to show, in the order of the page. */
export function runCharts(figures: RunFigures, axis: AxisName = 'rounds'): Chart[] {
  const places = placesOn(figures, axis);
  return makers
    .map(({ curves, ...chart }) => {
      const placed = curves(figures).map((curve) => onAxis(curve, places));
      return makeChart({ ...chart, curves: placed }, axes[axis]);
    })
    .filter((chart) => chart !== null);
}
