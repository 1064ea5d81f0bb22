/** The whole benchmark at its smallest: every figure can be measured, and what needs peers says that it was not. */
import { expect, test } from 'vitest';
import { groupNames, groups } from '../../bench/performance/groups.ts';
import { measure } from '../../bench/performance/measure.ts';
import { type Results, resultsSchema } from '../../bench/performance/results.ts';
import { drawTable } from '../../bench/performance/table.ts';

const TIMEOUT_MS = 900_000;

test(
  'the quick pass measures every figure and judges none',
  async () => {
    const measured: string[] = [];
    const passes: Results[] = [];
    const options = { quick: true, repetitions: 1, dataDirectory: undefined, only: groupNames };
    for await (const pass of measure({ ...options, say: (group) => measured.push(group) })) passes.push(pass);
    expect(passes).toHaveLength(groupNames.length);
    const results = passes.at(-1) as Results;
    expect(new Set(measured)).toEqual(new Set(groupNames));
    const kinds = Object.values(groups).flatMap((group) => group.kinds);
    expect(results.figures.map(({ figure }) => figure)).toEqual(kinds.map(({ figure }) => figure));
    expect(new Set(kinds.map(({ figure }) => figure)).size).toBe(kinds.length);
    for (const { figure, ratio, values, holds, skipped } of results.figures) {
      expect(holds, figure).toBeNull();
      if (skipped === null) {
        expect(values, figure).toHaveLength(1);
        expect(Number.isFinite(ratio), figure).toBe(true);
      } else expect(skipped).toBe('a quick pass installs no peers');
    }
    const own = results.figures.filter(({ skipped }) => skipped === null);
    expect(own.length).toBeGreaterThan(10);
    expect(resultsSchema.parse(JSON.parse(JSON.stringify(results)))).toEqual(results);
    expect(drawTable(results, results)).not.toMatch(/NaN|undefined|Infinity/);
  },
  TIMEOUT_MS,
);
