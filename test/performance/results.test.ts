/** What the benchmark makes of its measurements. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { documentResults } from '../../bench/performance/document.ts';
import type { FigureKind } from '../../bench/performance/figure.ts';
import { resultOf, verdictOf } from '../../bench/performance/judge.ts';
import { measure } from '../../bench/performance/measure.ts';
import { fastest, interleave, ratios } from '../../bench/performance/repeat.ts';
import { type Results, readResults } from '../../bench/performance/results.ts';
import { median, medianInterval, slope } from '../../bench/performance/statistics.ts';
import { changeOf, drawTable, regressions } from '../../bench/performance/table.ts';
import { UsageError } from '../../lib/errors.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const kind: FigureKind = {
  ...{ figure: 'speed', title: 'speed | of something', unit: '×', better: 'higher', must: 1, aim: 3 },
};
const measured = (values: readonly number[], overrides: Partial<FigureKind> = {}) => ({
  ...{ ...kind, ...overrides, values, raw: { above: values } },
});
const resultsOf = (...figures: Results['figures']): Results => ({
  ...{ schema: 1, measuredAt: '2026-01-02T03:04:05.000Z', quick: false, repetitions: 6 },
  machine: { processor: 'P', cores: 2, memoryGiB: 8, platform: 'linux x64', loadAverage: 0.1 },
  versions: { node: '24' },
  figures,
});

test('medians are between the two in the middle, and of nothing there is none', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow(RangeError);
});

test('the interval of a median leaves out as many values as the binomial distribution allows', () => {
  // Tables of the sign test at 95 %: n = 6 takes the extremes, n = 9 the second, n = 20 the sixth values.
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1).toReversed();
  expect(medianInterval(upTo(6))).toEqual({ low: 1, high: 6 });
  expect(medianInterval(upTo(8))).toEqual({ low: 1, high: 8 });
  expect(medianInterval(upTo(9))).toEqual({ low: 2, high: 8 });
  expect(medianInterval(upTo(20))).toEqual({ low: 6, high: 15 });
  expect(medianInterval([7])).toEqual({ low: 7, high: 7 });
});

test('a slope is that of the line through points on a line, and of one x there is none', () => {
  expect(slope([1, 4, 9].map((x) => ({ x, y: 3 - 2 * x })))).toBeCloseTo(-2, 12);
  expect(() => slope([{ x: 1, y: 1 }])).toThrow(RangeError);
});

test.for([
  [[2, 3], 'higher', 'yes'],
  [[1, 3], 'higher', 'yes'],
  [[0.5, 0.9], 'higher', 'no'],
  [[0.9, 1.1], 'higher', 'unclear'],
  [[0.5, 1], 'lower', 'yes'],
  [[1.1, 2], 'lower', 'no'],
  [[0.9, 1.1], 'lower', 'unclear'],
] as const)('an interval %j beside the limit 1, where %s is better: %s', ([[low, high], better, verdict]) => {
  expect(verdictOf({ low, high }, 1, better)).toBe(verdict);
});

test('a result has median, interval and verdicts; a quick pass has no verdicts, and what is skipped no median', () => {
  const values = [1.5, 1.2, 1.4, 1.3, 2, 1.1];
  const result = resultOf(measured(values), true);
  expect(result).toMatchObject({
    ratio: 1.35,
    interval: { low: 1.1, high: 2 },
    holds: 'yes',
    reachesAim: 'no',
  });
  expect(result.medians).toEqual({ above: 1.35 });
  expect(resultOf(measured(values, { must: null }), true).holds).toBeNull();
  expect(resultOf(measured(values), false)).toMatchObject({ ratio: 1.35, holds: null, reachesAim: null });
  expect(resultOf({ ...kind, skipped: 'no Python', failed: false }, true)).toMatchObject({
    ...{ ratio: null, interval: null, holds: null, skipped: 'no Python' },
  });
});

test('repetitions are interleaved, every other one the other way round', async () => {
  const order: string[] = [];
  const count = (name: string) => async () => order.push(name);
  const measurements = await interleave(3, { a: count('a'), b: count('b') });
  expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
  expect(measurements).toEqual({ a: [1, 4, 5], b: [2, 3, 6] });
  expect(ratios([2, 9], [4, 3])).toEqual([0.5, 3]);
  expect(fastest([1, 5], [4, 2])).toEqual([4, 5]);
});

test('the document takes the table between its marks, and one without marks stays as it is', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'P.md');
  await writeFile(path, 'Before.\n<!-- measured: begin -->\nstale\n<!-- measured: end -->\nAfter.\n');
  const results = resultsOf(resultOf(measured([2, 2]), true));
  await documentResults(path, results);
  await documentResults(path, results);
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(/^Before\.\n<!-- measured: begin -->\n[\s\S]*<!-- measured: end -->\nAfter\.\n$/);
  expect(text).toContain('| speed \\| of something | 2× | 2× … 2× | ≥ 1× | yes | ≥ 3× | no |');
  expect(text).not.toContain('stale');
  await writeFile(path, 'nothing');
  await expect(documentResults(path, results)).rejects.toThrow(UsageError);
  expect(await readFile(path, 'utf8')).toBe('nothing');
});

test('results are read again as they were written; anything else is refused by the name of its field', async () => {
  const path = join(await temporaryDirectory(), 'results.json');
  const results = resultsOf(
    resultOf(measured([2, 2]), true),
    resultOf({ ...kind, skipped: 'why', failed: false }, true),
  );
  await writeFile(path, JSON.stringify(results));
  expect(await readResults(path)).toEqual(results);
  await writeFile(path, JSON.stringify({ ...results, repetitions: 0 }));
  await expect(readResults(path)).rejects.toThrow(/repetitions/);
  await expect(readResults(`${path}.none`)).rejects.toThrow(UsageError);
});

test('a figure has become worse or better where the intervals of both runs have nothing in common', () => {
  const at = (values: readonly number[], better: FigureKind['better'] = 'higher') =>
    resultOf(measured(values, { better }), true);
  expect(changeOf(at([1, 2]), at([2, 3]))).not.toMatch(/better|worse/);
  expect(changeOf(at([1, 1.9]), at([2, 3]))).toMatch(/ worse$/);
  expect(changeOf(at([3.1, 4]), at([2, 3]))).toMatch(/ better$/);
  expect(changeOf(at([3.1, 4], 'lower'), at([2, 3], 'lower'))).toMatch(/ worse$/);
  expect(regressions(resultsOf(at([1, 1.9])), resultsOf(at([2, 3])))).toEqual([
    expect.stringMatching(/^speed: worse: 2\.5× → /),
  ]);
  expect(regressions(resultsOf(at([2, 3])), resultsOf(at([2, 3])))).toEqual([]);
});

test('a comparison says what was before and how many times as much it is now', () => {
  const [now, before] = [resultOf(measured([3]), true), resultOf(measured([2]), true)];
  expect(changeOf(now, before)).toBe('2× → ×1.5 better');
  expect(changeOf(now, undefined)).toBe('–');
  expect(changeOf(now, resultOf({ ...kind, skipped: 'why', failed: false }, true))).toBe('–');
  expect(drawTable(resultsOf(now), resultsOf(before))).toContain('2× → ×1.5');
});

test('folds can be measured, at their smallest', async () => {
  const options = { quick: true, repetitions: 1, dataDirectory: undefined, only: ['fold'] as const };
  const { value } = await measure({ ...options, say: () => {} }).next();
  const figures: Results['figures'] = value?.figures ?? [];
  expect(figures).toHaveLength(1);
  const { foldGigabytesPerSecond, copyGigabytesPerSecond } = figures[0]?.raw ?? {};
  const [[fold = 0] = [], [copy = 0] = []] = [foldGigabytesPerSecond, copyGigabytesPerSecond];
  expect(fold).toBeGreaterThan(0);
  expect(figures[0]?.ratio).toBeCloseTo((100 * fold) / copy, 9);
});
