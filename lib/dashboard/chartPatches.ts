/** Charts that grow: only what a page does not have yet is sent. */
import { type Chart, describeChart } from '../observe/report/chart.ts';

/** A chart whose columns begin at place `from`: what stood there before and after is replaced. */
export interface ChartPatch extends Chart {
  readonly from: number;
  /** The whole chart in words. */
  readonly summary: string;
}

/** What is to be drawn now. */
export interface ChartUpdate {
  /** Ids of all charts, in their order. */
  readonly order: readonly string[];
  readonly patches: readonly ChartPatch[];
}

const shapeOf = ({ axis, style, scale, series }: Chart): string =>
  JSON.stringify([axis, style, scale, series.map(({ label }) => label)]);

/** The first place at which two charts of one shape differ. */
function firstDifference(before: Chart, after: Chart): number {
  let at = Math.min(before.x.length, after.x.length);
  const columns = (chart: Chart) => [chart.x, ...chart.series.map(({ values }) => values)];
  const old = columns(before);
  for (const [i, column] of columns(after).entries()) {
    const place = column.findIndex((value, k) => k >= at || value !== old[i]?.[k]);
    if (place >= 0) at = Math.min(at, place);
  }
  return at;
}

function patchOf(before: Chart | undefined, after: Chart): ChartPatch | null {
  const from =
    before !== undefined && shapeOf(before) === shapeOf(after) ? firstDifference(before, after) : 0;
  if (before !== undefined && from === after.x.length && before.x.length === from) return null;
  return {
    ...after,
    from,
    summary: describeChart(after),
    x: after.x.slice(from),
    series: after.series.map((series) => ({ ...series, values: series.values.slice(from) })),
  };
}

/** What a page that shows `before` has to change to show `after`; null where that is nothing. */
export function updateCharts(before: readonly Chart[], after: readonly Chart[]): ChartUpdate | null {
  const old = new Map(before.map((chart) => [chart.id, chart]));
  const patches = after.map((chart) => patchOf(old.get(chart.id), chart)).filter((patch) => patch !== null);
  const order = after.map(({ id }) => id);
  if (patches.length === 0 && order.join() === before.map(({ id }) => id).join()) return null;
  return { order, patches };
}
