import fc from 'fast-check';
import { expect, test } from 'vitest';
import { updateCharts } from '../../lib/dashboard/chartPatches.ts';
import { configDifferences } from '../../lib/observe/differences.ts';
import { type Chart, makeChart } from '../../lib/observe/report/chart.ts';
import { testConfig } from '../support/runs.ts';

type Values = readonly (number | null)[];

function chartOf(id: string, curves: Readonly<Record<string, Values>>): Chart | null {
  return makeChart({
    ...{ id, title: id, note: '', quantity: 'number', scale: 'linear' },
    curves: Object.entries(curves).map(([label, values]) => {
      return { label, sparse: false, points: values.map((value, i) => [i, value]) };
    }),
  });
}

/** What the page does with an update. */
function applied(before: readonly Chart[], after: readonly Chart[]): unknown[] {
  const update = updateCharts(before, after);
  if (update === null) return before.map((chart) => [chart.id, chart.x, chart.series]);
  const charts = new Map(before.map((chart): [string, Chart] => [chart.id, chart]));
  for (const { from, summary: _, ...patch } of update.patches) {
    const old = charts.get(patch.id);
    const series = patch.series.map(({ values, ...rest }, i) => {
      return { ...rest, values: [...(old?.series[i]?.values.slice(0, from) ?? []), ...values] };
    });
    charts.set(patch.id, { ...patch, x: [...(old?.x.slice(0, from) ?? []), ...patch.x], series });
  }
  return update.order.map((id) => [id, charts.get(id)?.x, charts.get(id)?.series]);
}

const values = fc.array(fc.option(fc.integer({ min: 0, max: 9 })), { maxLength: 8 });
const charts = fc
  .dictionary(fc.constantFrom('a', 'b'), fc.dictionary(fc.constantFrom('u', 'v'), values))
  .map((named) => Object.entries(named).flatMap(([id, curves]) => chartOf(id, curves) ?? []));

test('an update turns any charts into any others', () => {
  fc.assert(
    fc.property(charts, charts, (before, after) => {
      expect(applied(before, after)).toEqual(after.map(({ id, x, series }) => [id, x, series]));
    }),
  );
});

test('a chart that grew is sent from where it grew, one that stayed is not sent', () => {
  const [short, long] = [chartOf('a', { u: [1, 2, 3] }), chartOf('a', { u: [1, 2, 3, 4, 5] })] as [
    Chart,
    Chart,
  ];
  expect(updateCharts([short], [short])).toBeNull();
  const update = updateCharts([short], [long]);
  expect(update?.patches.map(({ from, x, series }) => [from, x, series[0]?.values])).toEqual([
    [3, [3, 4], [4, 5]],
  ]);
});

test('the differences of configs are the options that differ, by their path', () => {
  const configs = [
    testConfig({ seed: 1 }),
    testConfig({ seed: 2, solver: { batchSize: 90 } }),
    testConfig({ seed: 1 }),
  ];
  const batchSize = configs[0]?.solver.batchSize;
  expect(configDifferences(configs)).toEqual([
    { field: 'solver.batchSize', values: [`${batchSize}`, '90', `${batchSize}`] },
    { field: 'seed', values: ['1', '2', '1'] },
  ]);
  expect(configDifferences([testConfig(), testConfig()])).toEqual([]);
});
