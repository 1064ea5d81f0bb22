import { describe, expect, test } from 'vitest';
import { type Chart, type ChartInput, describeChart, makeChart } from '../../../lib/observe/report/chart.ts';

const input = (overrides: Partial<ChartInput>): ChartInput => ({
  id: 'x',
  title: 'Title',
  note: '',
  quantity: 'number',
  scale: 'linear',
  curves: [],
  ...overrides,
});

describe('makeChart', () => {
  test('lays curves with different places over one ascending axis', () => {
    const chart = makeChart(
      input({
        curves: [
          {
            label: 'every round',
            points: [
              [1, 0.5],
              [2, 0.25],
              [3, 0.125],
            ],
            sparse: false,
          },
          {
            label: 'seldom',
            points: [
              [0, 4],
              [2, 3],
            ],
            sparse: true,
          },
        ],
      }),
    );
    expect(chart?.x).toEqual([0, 1, 2, 3]);
    expect(chart?.series.map(({ values }) => values)).toEqual([
      [null, 0.5, 0.25, 0.125],
      [4, null, 3, null],
    ]);
  });

  test('leaves out of a logarithmic scale what it cannot show', () => {
    const points = [
      [1, 0],
      [2, 1e-9],
      [3, -1],
    ] as const;
    const chart = makeChart(input({ scale: 'log', curves: [{ label: 'dual', points, sparse: false }] }));
    expect(chart?.series[0]?.values).toEqual([null, 1e-9, null]);
  });

  test('leaves out a curve without a value, and the chart without a curve', () => {
    const empty = { label: 'accuracy', points: [[1, null]] as const, sparse: false };
    const full = { label: 'loss', points: [[1, 2]] as const, sparse: false };
    expect(makeChart(input({ curves: [empty, full] }))?.series.map(({ label }) => label)).toEqual(['loss']);
    expect(makeChart(input({ curves: [empty] }))).toBeNull();
  });

  test('keeps six significant digits', () => {
    const curves = [{ label: 'loss', points: [[1, 0.123456789]] as const, sparse: false }];
    expect(makeChart(input({ curves }))?.series[0]?.values).toEqual([0.123457]);
  });

  test('writes all values of a chart in the unit of its largest, and amounts from zero', () => {
    const points = [
      [1, 900],
      [2, 86_056_000],
    ] as const;
    const chart = makeChart(input({ quantity: 'bytes', curves: [{ label: 'read', points, sparse: false }] }));
    expect(chart?.style).toMatchObject({ divisor: 1e6, format: { unit: 'megabyte' } });
    expect(chart?.fromZero).toBe(true);
    expect(makeChart(input({ curves: [{ label: 'loss', points, sparse: false }] }))?.fromZero).toBe(false);
  });
});

test('a chart in words tells first, last and extreme values', () => {
  const points = [
    [1, 0.1],
    [2, 0.98],
    [3, 0.9625],
  ] as const;
  const curves = [{ label: 'validation', points, sparse: true }];
  const chart = makeChart(input({ title: 'Accuracy', quantity: 'percent', curves })) as Chart;
  expect(describeChart(chart)).toBe(
    'Accuracy, rounds 1 to 3: validation from 10% to 96.25%, between 10% and 98%.',
  );
});
