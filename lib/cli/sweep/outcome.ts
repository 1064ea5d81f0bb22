/** What a sweep came to: a row a run, the best first by validation loss. */

import { costUsd, wallSeconds } from '../../coordinator/limits.ts';
import { runRow } from '../../observe/runList.ts';
import type { RunView } from '../../observe/runView.ts';
import { modelDigest } from '../../observe/summary.ts';
import { duration, figure, percent } from '../format.ts';
import { type Column, textTable } from '../table.ts';
import { type SweepPoint, valueText } from './grid.ts';

export interface SweepRow {
  readonly run: string;
  /** Values by the dotted path of their option. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly status: string;
  readonly rounds: number;
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
  readonly testAccuracy: number | null;
  readonly samples: number;
  /** From submission to its end, pauses left out. */
  readonly seconds: number;
  /** At the prices of its config. */
  readonly usd: number;
  readonly digest: string | null;
}

function rowOf({ settings }: SweepPoint, { config, state }: RunView): SweepRow {
  const { run, status, rounds, validationLoss, validationAccuracy, testAccuracy } = runRow({ config, state });
  return {
    run,
    settings: Object.fromEntries(settings.map(({ path, value }) => [path.join('.'), value])),
    ...{ status, rounds, validationLoss, validationAccuracy, testAccuracy },
    samples: state.counters.samplesSeen,
    seconds: wallSeconds(state, state.updatedAtMs),
    usd: costUsd(config, state),
    digest: modelDigest(state),
  };
}

/** The rows, the lowest validation loss first; what was never measured comes last. */
export function sweepRows(points: readonly SweepPoint[], views: readonly RunView[]): SweepRow[] {
  const rows = views.map((view, i) => rowOf(points[i] as SweepPoint, view));
  const loss = ({ validationLoss }: SweepRow): number => validationLoss ?? Number.POSITIVE_INFINITY;
  // Two infinities have no difference.
  return rows.toSorted((a, b) => (loss(a) === loss(b) ? 0 : loss(a) - loss(b)));
}

/** The rows as text. */
export function sweepTable(rows: readonly SweepRow[]): string {
  const keys = Object.keys(rows[0]?.settings ?? {});
  const figures = ['rounds', 'loss', 'validation', 'test', 'time', 'USD'];
  const columns: Column[] = [
    ...[...keys, ...figures].map((head) => ({ head })),
    { head: 'status', align: 'left' },
    { head: 'run', align: 'left' },
  ];
  const cells = rows.map((row) => [
    ...keys.map((key) => valueText(row.settings[key])),
    ...[
      `${row.rounds}`,
      figure(row.validationLoss),
      percent(row.validationAccuracy),
      percent(row.testAccuracy),
    ],
    ...[duration(row.seconds), figure(row.usd), row.status, row.run],
  ]);
  return textTable(columns, cells);
}
