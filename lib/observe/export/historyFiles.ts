/** The history of a run in files of other people's tools. */
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import packageJson from '../../../package.json' with { type: 'json' };
import type { RunView } from '../runView.ts';
import { type ColumnKind, type HistoryColumn, historyTable } from './historyTable.ts';

type Cell = HistoryColumn['cells'][number];

/** No cell needs quotes: there are numbers, times in ISO 8601 and run ids. */
const csvCell = (kind: ColumnKind, cell: Cell): string =>
  kind === 'time' && cell !== null ? new Date(cell).toISOString() : String(cell ?? '');

/** A table in CSV (RFC 4180) with a header; an empty field is nothing measured. */
export function historyCsv(view: RunView): string {
  const columns = historyTable(view);
  const rows = Array.from({ length: columns[0]?.cells.length ?? 0 }, (_, row) =>
    columns.map(({ kind, cells }) => csvCell(kind, cells[row] ?? null)).join(','),
  );
  return `${[columns.map(({ name }) => name).join(','), ...rows].join('\r\n')}\r\n`;
}

/** How Parquet stores the cells of a column. */
const parquetTypes = {
  text: { type: 'STRING', stored: (cell: Cell) => cell },
  count: { type: 'INT64', stored: (cell: Cell) => cell !== null && BigInt(cell) },
  measure: { type: 'DOUBLE', stored: (cell: Cell) => cell },
  time: { type: 'TIMESTAMP', stored: (cell: Cell) => cell !== null && new Date(cell) },
} as const satisfies Record<ColumnKind, { type: ColumnSource['type']; stored: (cell: Cell) => unknown }>;

/** The same table in Parquet; its metadata hold the run config as JSON under `padmm.config`. */
export function historyParquet(view: RunView): Uint8Array {
  const columnData = historyTable(view).map(({ name, kind, cells }): ColumnSource => {
    const { type, stored } = parquetTypes[kind];
    return { name, type, data: cells.map((cell) => (cell === null ? null : stored(cell))) };
  });
  const kvMetadata = [{ key: 'padmm.config', value: JSON.stringify(view.config) }];
  const createdBy = `padmm version ${packageJson.version}`;
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata, createdBy }));
}

/** All that is known of the run, every contribution of every round too, as one JSON document. */
export function historyJson({ config, state, rounds, evaluations }: RunView): string {
  const { run, status, reason, createdAtMs, updatedAtMs } = state;
  return JSON.stringify({ run, status, reason, createdAtMs, updatedAtMs, config, rounds, evaluations });
}
