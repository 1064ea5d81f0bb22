/** The history of a run as one table: a row a version, with what was measured of it. */
import type { EvaluationRecord } from '../../protocol/history.ts';
import { type RoundFigures, runFigures } from '../roundFigures.ts';
import type { RunView } from '../runView.ts';

/** What the cells of a column are: a name, a whole number, a measure, or a time in ms since 1970. */
export type ColumnKind = 'text' | 'count' | 'measure' | 'time';

export interface HistoryColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** One a row; null where nothing was measured. */
  readonly cells: readonly (string | number | null)[];
}

interface Row {
  readonly run: string;
  readonly createdAtMs: number;
  readonly version: number;
  /** null of a version that no round formed: the initial one, and a mean of others. */
  readonly round: RoundFigures | null;
  readonly validation: EvaluationRecord | null;
  readonly test: EvaluationRecord | null;
}

type Definition = readonly [
  name: string,
  kind: ColumnKind,
  value: (row: Row) => string | number | null | undefined,
];

const definitions: readonly Definition[] = [
  ['run', 'text', ({ run }) => run],
  ['version', 'count', ({ version }) => version],
  ['formed_at', 'time', ({ round }) => round?.formedAtMs],
  ['seconds', 'measure', ({ round, createdAtMs }) => round && (round.formedAtMs - createdAtMs) / 1000],
  ['loss', 'measure', ({ round }) => round?.loss],
  ['accuracy', 'measure', ({ round }) => round?.accuracy],
  ['primal_residual', 'measure', ({ round }) => round?.residuals.primal],
  ['dual_residual', 'measure', ({ round }) => round?.residuals.dual],
  ['penalty_input', 'measure', ({ round }) => round?.penalty.input],
  ['penalty_recurrent', 'measure', ({ round }) => round?.penalty.recurrent],
  ['penalty_readout', 'measure', ({ round }) => round?.penalty.readout],
  ['samples_seen', 'count', ({ round }) => round?.samplesSeen],
  ['arrivals', 'count', ({ round }) => round?.arrivals],
  ['staleness_mean', 'measure', ({ round }) => round?.staleness.mean],
  ['staleness_max', 'count', ({ round }) => round?.staleness.max],
  ['read_bytes', 'count', ({ round }) => round?.readBytes],
  ['written_bytes', 'count', ({ round }) => round?.writtenBytes],
  ['fetch_seconds', 'measure', ({ round }) => round?.seconds.fetch],
  ['solve_seconds', 'measure', ({ round }) => round?.seconds.solve],
  ['upload_seconds', 'measure', ({ round }) => round?.seconds.upload],
  ['validation_loss', 'measure', ({ validation }) => validation?.metrics.loss],
  ['validation_accuracy', 'measure', ({ validation }) => validation?.metrics.accuracy],
  ['test_loss', 'measure', ({ test }) => test?.metrics.loss],
  ['test_accuracy', 'measure', ({ test }) => test?.metrics.accuracy],
];

function rowsOf(view: RunView): Row[] {
  const { run, createdAtMs } = view.state;
  const rounds = new Map(runFigures(view).rounds.map((round) => [round.version, round]));
  const evaluated = (split: EvaluationRecord['split']) =>
    new Map(view.evaluations.filter((e) => e.split === split).map((e) => [e.version, e]));
  const [validation, test] = [evaluated('validation'), evaluated('test')];
  const versions = new Set([...rounds.keys(), ...validation.keys(), ...test.keys()]);
  return [...versions]
    .sort((a, b) => a - b)
    .map((version) => ({
      ...{ run, createdAtMs, version },
      round: rounds.get(version) ?? null,
      validation: validation.get(version) ?? null,
      test: test.get(version) ?? null,
    }));
}

/**
 * The table of a run, by version. `loss` and `accuracy` are those of the batches; seconds of a phase are means over the
 * contributions of a round; `seconds` counts from the submission.
 */
export function historyTable(view: RunView): HistoryColumn[] {
  const rows = rowsOf(view);
  return definitions.map(([name, kind, value]) => ({
    ...{ name, kind },
    cells: rows.map((row) => value(row) ?? null),
  }));
}
