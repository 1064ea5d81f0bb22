/** Results as rows of text. */
import Table from 'cli-table3';
import type { FigureResult, Results } from './results.ts';

export const COLUMNS = ['figure', 'median', 'interval', 'must', 'holds', 'aim', 'reached'] as const;

/** Three digits that mean something. */
export const digits = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();

/** A value with its unit: 1.5×, 12 %, 8 ms. */
export const withUnit = (value: number, unit: FigureResult['unit']): string =>
  unit === '×' ? `${digits(value)}×` : `${digits(value)} ${unit}`;

const limit = (bound: number | null, { better, unit }: FigureResult): string =>
  bound === null ? '–' : `${better === 'higher' ? '≥' : '≤'} ${withUnit(bound, unit)}`;

/** One row a figure, in the columns of {@link COLUMNS}. */
export function rowOf(result: FigureResult): string[] {
  const { title, unit, ratio, interval, must, aim, holds, reachesAim, skipped, failed } = result;
  const limits = [limit(must, result), holds ?? '–', limit(aim, result), reachesAim ?? '–'];
  if (ratio === null || interval === null)
    return [title, failed ? 'failed' : `not measured: ${skipped}`, '–', ...limits];
  const span = `${withUnit(interval.low, unit)} … ${withUnit(interval.high, unit)}`;
  return [title, withUnit(ratio, unit), span, ...limits];
}

const byFigure = ({ figures }: Results) => new Map(figures.map((result) => [result.figure, result]));

/** How a figure moved since an earlier run, as a factor; a dash where either run lacks it. */
export function changeOf(result: FigureResult, before: FigureResult | undefined): string {
  const { ratio } = result;
  if (ratio === null || before?.ratio === undefined || before.ratio === null) return '–';
  const factor = `${withUnit(before.ratio, before.unit)} → ×${digits(ratio / before.ratio)}`;
  const moved = movedTo(result, before);
  return moved === null ? factor : `${factor} ${moved}`;
}

/** Whether a figure has moved so far that the two intervals have nothing in common, and where to. */
function movedTo({ interval, better }: FigureResult, before: FigureResult): 'better' | 'worse' | null {
  if (interval === null || before.interval === null) return null;
  const [isAbove, isBelow] = [interval.low > before.interval.high, interval.high < before.interval.low];
  if (!isAbove && !isBelow) return null;
  return isAbove === (better === 'higher') ? 'better' : 'worse';
}

/** Figures that are worse than in an earlier run, beyond what repetitions differ by. */
export function regressions(results: Results, earlier: Results): string[] {
  const known = byFigure(earlier);
  return results.figures.flatMap((result) => {
    const before = known.get(result.figure);
    return before !== undefined && movedTo(result, before) === 'worse'
      ? [`${result.figure}: worse: ${changeOf(result, before)}`]
      : [];
  });
}

/** The table that is printed. @param earlier adds a column that compares with it. */
export function drawTable(results: Results, earlier: Results | null): string {
  const table = new Table({
    head: [...COLUMNS, ...(earlier === null ? [] : ['before, change'])],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [44, 24],
  });
  const known = earlier === null ? null : byFigure(earlier);
  for (const result of results.figures) {
    const change = known === null ? [] : [changeOf(result, known.get(result.figure))];
    table.push([...rowOf(result), ...change]);
  }
  return table.toString();
}
