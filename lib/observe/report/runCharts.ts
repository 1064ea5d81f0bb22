/** The line charts of one run, made from its history alone. Their x axis counts rounds. */
import type { Arrival, EvaluationRecord, RoundRecord } from '../../protocol/history.ts';
import type { RunView } from '../runView.ts';
import { type Chart, type ChartInput, type Curve, makeChart, type Point } from './chart.ts';

const curve = (label: string, points: readonly Point[], sparse = false): Curve => ({ label, points, sparse });

/** A curve with a value for every round. */
function ofRounds(
  label: string,
  rounds: readonly RoundRecord[],
  value: (round: RoundRecord) => number | null,
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

const sumOver = (arrivals: readonly Arrival[], value: (arrival: Arrival) => number): number =>
  arrivals.reduce((sum, arrival) => sum + value(arrival), 0);

const meanOver = (arrivals: readonly Arrival[], value: (arrival: Arrival) => number): number =>
  sumOver(arrivals, value) / arrivals.length;

/** Seconds between a version and the one before it; z_0 was there when the run was created. */
function secondsBetweenVersions({ rounds, state }: RunView): Point[] {
  return rounds.map(({ version, formedAtMs }, i) => {
    const before = version === 1 ? state.createdAtMs : rounds[i - 1]?.formedAtMs;
    // Coordinators on different machines may disagree about the time.
    return [version, before === undefined ? null : Math.max(0, formedAtMs - before) / 1000];
  });
}

function lossChart({ rounds, evaluations }: RunView): ChartInput {
  return {
    id: 'loss',
    title: 'Loss',
    note: 'Mean loss an output. Batch loss is measured before the step of its round, validation loss after it.',
    quantity: 'number',
    scale: 'linear',
    curves: [ofRounds('batch', rounds, (r) => r.loss), validationCurve('validation', evaluations, 'loss')],
  };
}

function accuracyChart({ rounds, evaluations }: RunView): ChartInput {
  return {
    id: 'accuracy',
    title: 'Accuracy',
    note: 'Share of right answers, on the batches of a round and on validation data.',
    quantity: 'percent',
    scale: 'linear',
    curves: [
      ofRounds('batch', rounds, (r) => r.accuracy),
      validationCurve('validation', evaluations, 'accuracy'),
    ],
  };
}

function residualChart({ rounds }: RunView): ChartInput {
  return {
    id: 'residuals',
    title: 'Residuals',
    note: 'Primal: how far the shards’ solutions are from consensus. Dual: how far consensus moved, times σ. Logarithmic.',
    quantity: 'number',
    scale: 'log',
    curves: [
      ofRounds('primal', rounds, (r) => r.residuals.primal),
      ofRounds('dual', rounds, (r) => r.residuals.dual),
    ],
  };
}

function bytesChart({ rounds }: RunView): ChartInput {
  return {
    id: 'bytes',
    title: 'Bytes a round',
    note: 'Payload that workers read from and wrote to the store, over all tasks of a round.',
    quantity: 'bytes',
    scale: 'linear',
    curves: [
      ofRounds('read', rounds, (r) => sumOver(r.arrivals, (a) => a.transferred.readBytes)),
      ofRounds('written', rounds, (r) => sumOver(r.arrivals, (a) => a.transferred.writtenBytes)),
    ],
  };
}

function secondsChart(view: RunView): ChartInput {
  const { rounds } = view;
  const phase = (name: 'fetch' | 'solve' | 'upload'): Curve =>
    ofRounds(name, rounds, (r) => meanOver(r.arrivals, (a) => a.seconds[name]));
  return {
    id: 'seconds',
    title: 'Seconds a round',
    note: 'Time from one version to the next, and what a task spent of it on average in each phase.',
    quantity: 'seconds',
    scale: 'linear',
    curves: [
      curve('version to version', secondsBetweenVersions(view)),
      phase('solve'),
      phase('fetch'),
      phase('upload'),
    ],
  };
}

function penaltyChart({ rounds }: RunView): ChartInput {
  return {
    id: 'penalties',
    title: 'Penalties',
    note: 'σ of each parameter group, under which the contributions of a round were solved. Logarithmic.',
    quantity: 'number',
    scale: 'log',
    curves: [
      ofRounds('recurrent', rounds, (r) => r.penalty.recurrent),
      ofRounds('readout', rounds, (r) => r.penalty.readout),
      ofRounds('input', rounds, (r) => r.penalty.input),
    ],
  };
}

/** The charts of a run that have something to show, in the order of the page. */
export function runCharts(view: RunView): Chart[] {
  const makers = [lossChart, accuracyChart, residualChart, secondsChart, bytesChart, penaltyChart];
  return makers.map((make) => makeChart(make(view))).filter((chart) => chart !== null);
}
