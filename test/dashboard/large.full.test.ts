/** 1,000 rounds of 1,000 shards on the page. */
import { expect, onTestFinished } from 'vitest';
import { startDashboard } from '../../lib/dashboard/server.ts';
import { startBrowser } from '../support/browser.ts';
import { requirement } from '../support/requirement.ts';
import { largeRun } from './largeRun.ts';

const started = await startBrowser();
const testInBrowser = requirement('chromium', 'browser' in started ? null : started.reasonMissing);

const [ROUNDS, SHARDS, WORKERS] = [1000, 1000, 64];

testInBrowser(
  'a million contributions are read bit by bit, drawn, and forgotten but for figures',
  async () => {
    if (!('browser' in started)) throw new Error(started.reasonMissing);
    onTestFinished(() => started.browser.close());
    const { run, source } = await largeRun(ROUNDS, SHARDS, WORKERS);
    const { url, close } = await startDashboard({ source, port: 0, log: () => {} });
    onTestFinished(close);
    const page = await started.browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${new URL(url).origin}/#/run/${run}`);
    const summary = (chart: string) =>
      page.locator(`[data-chart="${chart}"] .u-wrap`).getAttribute('aria-label');
    // Curves are there before the history is read.
    await page.locator('text=/records left/').waitFor({ timeout: 120_000 });
    await page.locator('[data-chart="loss"] canvas').waitFor({ timeout: 120_000 });
    await page.locator('text=/records left/').waitFor({ state: 'detached', timeout: 600_000 });
    expect(await summary('loss')).toMatch(/rounds 1 to 1000: batch from/);
    expect(await summary('shard-seconds')).toContain('at most 0.16');
    expect(await page.locator('padmm-timeline .u-wrap').getAttribute('aria-label')).toContain(
      `2000 tasks of ${WORKERS} workers`,
    );
    await page.locator('[data-chart="shard-seconds"] summary').click();
    const rows = page.locator('[data-chart="shard-seconds"] .values tbody tr');
    // The table is filled once it has been opened, which the page hears of after the click.
    await rows.first().waitFor();
    expect(await rows.count()).toBe(SHARDS);
    expect(complaints).toEqual([]);
  },
  900_000,
);
