import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, describe, expect, onTestFinished } from 'vitest';
import { renderReport } from '../../lib/observe/report.ts';
import type { RunView } from '../../lib/observe/runView.ts';
import { startBrowser } from '../support/browser.ts';
import { requirement } from '../support/requirement.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { syntheticRun } from './syntheticRun.ts';

const started = await startBrowser();
const testInBrowser = requirement('chromium', 'browser' in started ? null : started.reasonMissing);
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

afterAll(async () => {
  if ('browser' in started) await started.browser.close();
});

/** A report in a tab, with all that it complained of or asked for. */
interface OpenedReport {
  readonly page: Page;
  readonly complaints: string[];
  readonly requests: string[];
}

async function openReport(
  views: readonly RunView[],
  options: BrowserContextOptions = {},
): Promise<OpenedReport> {
  if (!('browser' in started)) throw new Error(started.reasonMissing);
  const file = join(await temporaryDirectory(), 'report.html');
  await writeFile(file, renderReport(views));
  const context = await started.browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const url = pathToFileURL(file).href;
  await page.route('**', (route) => {
    if (route.request().url() === url) return route.continue();
    requests.push(route.request().url());
    return route.abort();
  });
  await page.goto(url);
  return { page, complaints, requests };
}

/** Distinct colours on each canvas, transparent included: a blank one has a single colour. */
const COUNT_COLOURS = `[...document.querySelectorAll('canvas')].map((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
})`;

/** Whether some pixel of the chart has the colour of a custom property. */
const shows = (chart: string, property: string): string => `(() => {
  const colour = getComputedStyle(document.documentElement).getPropertyValue('${property}').trim();
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const canvas = document.querySelector('${chart} canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255) return true;
  }
  return false;
})()`;

const figureOf = (page: Page, name: string): Promise<string | null> =>
  page.locator(`[data-figure="${name}"]`).textContent();

const backgroundOf = (page: Page): Promise<string> =>
  page.evaluate('getComputedStyle(document.body).backgroundColor');

const CHART_COUNT = 6;

/** For a busy machine; what is waited for comes within a frame on an idle one. */
const PATIENT = { timeout: 30_000 };

describe('a report', () => {
  const view = syntheticRun({ rounds: 120, shards: 4, workers: 3 });

  testInBrowser(
    'draws every chart and the timeline, asks nothing of anywhere, complains of nothing',
    async () => {
      const { page, complaints, requests } = await openReport([view]);
      expect(await page.locator('figure canvas').count()).toBe(CHART_COUNT + 1);
      // Before the pixels are read: the browser has advice about that.
      expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
      const colours = await page.evaluate<number[]>(COUNT_COLOURS);
      for (const count of colours) expect(count).toBeGreaterThan(10);
      expect(await page.evaluate(shows('[data-chart="0/loss"]', '--series-0'))).toBe(true);
      expect(await page.evaluate(shows('[data-chart="0/loss"]', '--series-1'))).toBe(true);
      expect(await page.evaluate(shows('[data-chart="0/loss"]', '--series-2'))).toBe(false);
      expect(await page.evaluate(shows('[data-timeline="0"]', '--evaluation'))).toBe(true);
      expect(await page.evaluate(shows('[data-timeline="0"]', '--repeated'))).toBe(true);
    },
  );

  testInBrowser('says in its headline what the history says', async () => {
    const { page } = await openReport([view]);
    const tested = view.evaluations.find(({ split }) => split === 'test');
    expect(await page.locator('.status').textContent()).toBe('done');
    expect(Number.parseFloat((await figureOf(page, 'test-accuracy')) ?? '')).toBeCloseTo(
      100 * (tested?.metrics.accuracy ?? 0),
      2,
    );
    expect(Number(await figureOf(page, 'test-loss'))).toBeCloseTo(tested?.metrics.loss ?? 0, 4);
    expect(await figureOf(page, 'rounds')).toBe('120 of 120');
    expect(await figureOf(page, 'samples')).toBe((120 * 4 * 250).toLocaleString('en'));
    expect(await figureOf(page, 'workers')).toBe('3');
    expect(await figureOf(page, 'written')).toBe(`${((120 * 4 * 86_056) / 1e6).toFixed(2)} MB`);
    expect(await figureOf(page, 'digest')).toBe(view.state.versions[120]?.digest);
  });

  testInBrowser('gives the values of a chart as a table when asked', async () => {
    const { page } = await openReport([view]);
    const chart = page.locator('[data-chart="0/residuals"]');
    expect(await chart.locator('td').filter({ hasText: /\d/ }).count()).toBe(0);
    await chart.locator('summary').click();
    const rows = chart.locator('.values tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(120);
    const cells = await rows.nth(119).locator('th, td').allInnerTexts();
    expect(Number(cells[1])).toBeCloseTo(view.rounds[119]?.residuals.primal ?? 0, 4);
  });

  testInBrowser('tells of the task under the pointer', async () => {
    const { page } = await openReport([view]);
    const over = page.locator('[data-timeline="0"] .u-over');
    await over.scrollIntoViewIfNeeded();
    const box = await over.boundingBox();
    const state = view.state;
    const first = view.rounds[60]?.arrivals.find(({ worker }) => worker.id === 'worker-1');
    const spanMs =
      Math.max(
        ...view.rounds.flatMap((r) => r.arrivals.map((a) => a.finishedAtMs)),
        ...view.evaluations.map((e) => e.finishedAtMs),
      ) - state.createdAtMs;
    const middleMs = ((first?.startedAtMs ?? 0) + (first?.finishedAtMs ?? 0)) / 2 - state.createdAtMs;
    await page.mouse.move(
      (box?.x ?? 0) + ((box?.width ?? 0) * middleMs) / spanMs,
      (box?.y ?? 0) + (box?.height ?? 0) / 2,
    );
    const text = await page.locator('[data-timeline="0"] .tooltip').textContent();
    expect(text).toContain('worker-1');
    expect(text).toContain('version 60');
  });

  testInBrowser('has a dark mode, also when it is switched on later', async () => {
    const { page, complaints } = await openReport([view], { colorScheme: 'light' });
    const light = await backgroundOf(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await backgroundOf(page)).not.toBe(light);
    expect(complaints).toEqual([]);
    await expect.poll(() => page.evaluate(shows('[data-chart="0/loss"]', '--series-0')), PATIENT).toBe(true);
  });

  testInBrowser('fits a phone without scrolling sideways, and any width after', async () => {
    const { page } = await openReport([syntheticRun({ shards: 64, workers: 40 })], {
      viewport: { width: 360, height: 740 },
    });
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBe(0);
    await page.setViewportSize({ width: 1200, height: 800 });
    const fitted = `[...document.querySelectorAll('.plot')].every((place) =>
      Math.abs(place.querySelector('.u-wrap').clientWidth - place.clientWidth) <= 1)`;
    await expect.poll(() => page.evaluate(fitted), PATIENT).toBe(true);
    expect(await page.evaluate(overflow)).toBe(0);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    testInBrowser(`has nothing that axe finds serious, in ${colorScheme} mode`, async () => {
      const { page } = await openReport(
        [syntheticRun({ rounds: 20 }), syntheticRun({ name: 'other', rounds: 0 })],
        { colorScheme },
      );
      for (const summary of await page.locator('summary').all()) await summary.click();
      await page.evaluate(axeSource);
      const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
        'axe.run().then(({ violations }) => violations)',
      );
      const serious = found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => ({ id, first: nodes[0]?.html }))).toEqual([]);
    });
  }

  testInBrowser('lays several runs over each other', async () => {
    const runs = ['a', 'b', 'c'].map((name, i) => syntheticRun({ name, rounds: 40 + 20 * i }));
    const { page, complaints } = await openReport(runs);
    expect(await page.locator('h2').allInnerTexts()).toEqual([
      'Comparison',
      ...runs.map(({ state }) => state.run),
    ]);
    expect(await page.locator('figure canvas').count()).toBe(4 + 3 * (CHART_COUNT + 1));
    expect(complaints).toEqual([]);
  });

  testInBrowser('runs no script that a name of the run brings along', async () => {
    const attack = '</script><script>document.title="taken"</script><img src=x onerror="document.title=1">';
    const rounds = view.rounds.map((round) => ({
      ...round,
      arrivals: round.arrivals.map((a) => ({ ...a, worker: { ...a.worker, id: attack } })),
    }));
    const state = { ...view.state, reason: attack, fingerprints: [attack] };
    const { page, complaints } = await openReport([{ ...view, state, rounds }]);
    expect(await page.title()).toBe(`Training report: ${view.state.run}`);
    expect(await page.locator('.reason').textContent()).toBe(attack);
    expect(complaints).toEqual([]);
  });

  testInBrowser('draws 1,000 rounds of 64 shards from less than 2 MB', async () => {
    const large = syntheticRun({ rounds: 1000, shards: 64, workers: 64 });
    expect(Buffer.byteLength(renderReport([large]))).toBeLessThan(2_000_000);
    const { page, complaints } = await openReport([large]);
    expect(complaints).toEqual([]);
    const colours = await page.evaluate<number[]>(COUNT_COLOURS);
    expect(colours).toHaveLength(CHART_COUNT + 1);
  });
});
