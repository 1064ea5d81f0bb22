import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { writeDocument } from '../../bench/experiments/document.ts';
import { drawChart } from '../../bench/experiments/plot.ts';
import type { Chart } from '../../bench/experiments/section.ts';
import { markdownTable } from '../../lib/observe/report/markdownTable.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const chart: Chart = {
  name: 'losses',
  caption: 'Loss & <accuracy>',
  x: { label: 'round', scale: 'linear' },
  y: { label: 'loss', scale: 'log' },
  lines: [
    {
      label: 'one',
      points: [
        { x: 1, y: 10 },
        { x: 2, y: 1 },
        { x: 3, y: 0 },
      ],
    },
    {
      label: 'two & "three"',
      points: [
        { x: 1, y: 5 },
        { x: 3, y: Number.POSITIVE_INFINITY },
      ],
    },
  ],
};

test('a table escapes what would break it', () => {
  expect(markdownTable(['a', 'b'], [['x|y', 'two\nlines']])).toBe(
    '| a | b |\n| --- | --- |\n| x\\|y | two lines |',
  );
});

test('a chart is one SVG with a line for each method, without what its scale cannot show', () => {
  const { document } = parseHTML(drawChart(chart));
  expect(document.querySelector('title')?.textContent).toBe('Loss & <accuracy>');
  const lines = document.querySelectorAll('[aria-label="line"] path');
  expect(lines).toHaveLength(2);
  expect(document.querySelectorAll('[aria-label="dot"] circle')).toHaveLength(3);
  const texts = [...document.querySelectorAll('text')].map((text) => text.textContent);
  expect(texts).toEqual(expect.arrayContaining(['one', 'two & "three"']));
  expect(drawChart(chart)).not.toMatch(/NaN|Infinity|undefined/);
});

test('a document is written with its pictures beside it', async () => {
  const path = join(await temporaryDirectory(), 'docs', 'RESULTS.md');
  const table = { columns: ['method'], rows: [['SGD']] };
  const section = {
    title: 'By task',
    description: 'What.',
    tables: [{ caption: 'Table', table }],
    charts: [chart],
  };
  await writeDocument(path, '# Results', [section]);
  const text = await readFile(path, 'utf8');
  expect(text).toContain('## By task');
  expect(text).toContain('| SGD |');
  expect(text).toContain('![Loss & <accuracy>](results/losses.svg)');
  expect(await readFile(join(path, '..', 'results', 'losses.svg'), 'utf8')).toMatch(/^<svg /);
});
