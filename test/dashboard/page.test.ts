/** The dashboard as a person has it: a real browser, real runs on real processes, and faults. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import type { LocalDeployment } from '../../lib/emulator/localDeployment.ts';
import type { RunView } from '../../lib/observe/runView.ts';
import { startBrowser } from '../support/browser.ts';
import { type RunningCommand, startPadmm } from '../support/commandLine.ts';
import { requirement } from '../support/requirement.ts';
import { makeDirectory, removeDirectory } from '../support/temporaryDirectory.ts';
import { runSmall, smallConfig } from '../system/localRun.ts';

const started = await startBrowser();
const testInBrowser = requirement('chromium', 'browser' in started ? null : started.reasonMissing);
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** For a busy machine. */
const PATIENCE_MS = 240_000;
const patient = { timeout: 60_000, interval: 200 };

let directory: string;
let dashboard: RunningCommand;
let url: string;
/** A run that has ended before. */
let ended: RunView;

const stdoutOf = ({ child }: RunningCommand): Promise<string> =>
  new Promise((settle) => child.stdout?.once('data', (chunk) => settle(String(chunk).trim())));

beforeAll(async () => {
  if (!('browser' in started)) return;
  directory = await makeDirectory();
  const config = smallConfig({ name: 'before', stop: { maxRounds: 5 }, evaluation: { everyRounds: 2 } });
  ended = (await runSmall({ directory, workers: 2, config })).view;
  dashboard = startPadmm(['dashboard', '--dir', directory]);
  url = await stdoutOf(dashboard);
}, PATIENCE_MS);

afterAll(async () => {
  if (!('browser' in started)) return;
  await started.browser.close();
  dashboard.child.kill('SIGINT');
  const { exitCode, stderr } = await dashboard.outcome;
  await removeDirectory(directory);
  expect({ exitCode, complaints: stderr.split('\n').slice(1).join('') }).toEqual({
    exitCode: 0,
    complaints: '',
  });
});

async function open(hash = '', options: BrowserContextOptions = {}) {
  if (!('browser' in started)) throw new Error(started.reasonMissing);
  const context = await started.browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const strangers: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (asked) => {
    if (new URL(asked.url()).origin !== new URL(url).origin) strangers.push(asked.url());
  });
  await page.goto(url);
  if (hash !== '') await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  return { page, complaints, strangers };
}

const textOf = (page: Page, name: string) => page.locator(`[data-figure="${name}"]`).first().textContent();
const countOf = async (page: Page, name: string) => Number.parseInt((await textOf(page, name)) ?? '', 10);

/** Kills the first process, if one is up: process 0 would be this one and all that it has started. */
function kill([pid]: readonly number[] = []): void {
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

/** The table of a chart: its rows as numbers, the place first. */
async function valuesOf(page: Page, chart: string): Promise<number[][]> {
  const place = page.locator(`padmm-chart[data-chart="${chart}"]`);
  await place.locator('summary').click();
  await place.locator('.values tbody tr').first().waitFor();
  // In one go, since the table may be made anew at any time.
  const rows = await page.evaluate<string[][]>(
    `[...document.querySelectorAll('padmm-chart[data-chart="${chart}"] .values tbody tr')]
      .map((row) => [...row.children].map((cell) => cell.textContent))`,
  );
  await place.locator('summary').click();
  return rows.map((row) => row.map((cell) => Number.parseFloat(cell.replaceAll(',', ''))));
}

/** What a page shows of a run that has ended is what its history says. */
async function expectHistory(page: Page, view: RunView): Promise<void> {
  await expect.poll(() => textOf(page, 'status'), patient).toBe(view.state.status);
  const { version, counters } = view.state;
  await expect
    .poll(() => textOf(page, 'progress'), patient)
    .toMatch(new RegExp(`^${version.toLocaleString('en')} of `));
  expect(await textOf(page, 'samples')).toBe(counters.samplesSeen.toLocaleString('en'));
  expect(await textOf(page, 'resent')).toBe(String(counters.resent));
  const losses = (await valuesOf(page, 'loss')).filter(([round]) => round !== 0);
  expect(losses.map(([round]) => round)).toEqual(view.rounds.map((round) => round.version));
  const residuals = await valuesOf(page, 'residuals');
  for (const [i, round] of view.rounds.entries()) {
    expect(losses[i]?.[1]).toBeCloseTo(round.loss, 2);
    expect(residuals[i]?.[1]).toBeCloseTo(round.residuals.primal, 2);
    expect(residuals[i]?.[2]).toBeCloseTo(round.residuals.dual, 2);
  }
}

testInBrowser(
  'a run is followed, loses a worker and its coordinator, is paused, resumed and stopped, and compared',
  async () => {
    // Its workers are in a task most of the time, and what one is killed in is sent again soon, announced or not.
    const config = smallConfig({
      model: { hiddenUnits: 128 },
      solver: { batchSize: 1200 },
      stop: { maxRounds: 100_000 },
      faults: { leaseSeconds: 4, unstartedSeconds: 1 },
    });
    let local: LocalDeployment | undefined;
    const training = runSmall({
      ...{ directory, workers: 2, config },
      onState(_state, deployment) {
        local = deployment;
      },
    });
    const { page, complaints, strangers } = await open();
    // It shows without a reload; the token is not in the address any more.
    await page.locator('tr[data-run^="small-"] a').click(patient);
    expect(page.url()).not.toContain('token');
    await expect.poll(() => countOf(page, 'progress'), patient).toBeGreaterThan(3);
    const before = await valuesOf(page, 'loss');
    await expect.poll(() => countOf(page, 'progress'), patient).toBeGreaterThan(before.length + 3);
    expect((await valuesOf(page, 'loss')).slice(0, before.length - 1)).toEqual(before.slice(0, -1));

    await expect.poll(() => local?.coordinatorPids.length ?? 0, patient).toBeGreaterThan(0);
    kill(local?.coordinatorPids);
    const after = await countOf(page, 'progress');
    await expect.poll(() => countOf(page, 'progress'), patient).toBeGreaterThan(after + 3);

    const summary = () => page.locator('padmm-timeline .u-wrap').getAttribute('aria-label');
    const killWorker = () => kill(local?.workerPids);
    killWorker();
    const again = setInterval(killWorker, 8_000);
    await expect.poll(() => countOf(page, 'resent'), patient).toBeGreaterThan(0);
    await expect.poll(summary, patient).toMatch(/ [1-9]\d* retried/);
    clearInterval(again);

    const press = async (action: string, answer: string) => {
      await page.getByRole('button', { name: action, exact: true }).first().click();
      await page.getByRole('dialog').getByRole('button', { name: answer, exact: true }).click();
    };
    await press('Stop', 'Cancel');
    await press('Pause', 'Pause');
    await expect.poll(() => textOf(page, 'status'), patient).toBe('paused');
    await press('Resume', 'Resume');
    await expect.poll(() => textOf(page, 'status'), patient).toBe('running');
    // By keyboard alone: the question opens on "Cancel".
    await page.getByRole('button', { name: 'Stop', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => textOf(page, 'status'), patient).not.toBe('running');
    const { view } = await training;
    expect(view.state.status).toBe('stopped');
    await expectHistory(page, view);
    await page.reload();
    await expectHistory(page, view);
    expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] });

    await page.getByRole('link', { name: 'All runs' }).click();
    const runs = [view.state.run, ended.state.run];
    for (const run of runs) await page.getByRole('checkbox', { name: `Compare ${run}` }).check();
    await page.getByRole('link', { name: 'Compare 2 runs' }).click();
    const difference = page.locator('[data-difference="stop.maxRounds"] td');
    await expect.poll(() => difference.allTextContents(), patient).toEqual(['100000', '5']);
    const losses = await valuesOf(page, 'compare-loss');
    for (const { version, metrics } of ended.evaluations.filter(({ split }) => split === 'validation')) {
      expect(losses.find(([round]) => round === version)?.[2]).toBeCloseTo(metrics.loss, 2);
    }
    expect(complaints).toEqual([]);
  },
  PATIENCE_MS,
);

testInBrowser(
  'the log of a task is found from the table of the newest',
  async () => {
    const { page, complaints } = await open(`#/run/${ended.state.run}`);
    await page.locator('summary', { hasText: 'newest' }).click(patient);
    const last = ended.rounds.at(-1)?.arrivals.at(-1);
    const name = `Log of Shard ${last?.shard}, version ${last?.version}`;
    await page.getByRole('button', { name, exact: true }).click();
    const lines = page.locator('.log li');
    await expect.poll(() => lines.count(), patient).toBeGreaterThan(0);
    const said = (await lines.allTextContents()).join('\n');
    expect(said).toContain('task answered');
    expect(said).toContain(`"version":${last?.version},"shard":${last?.shard}`);
    expect(said).toContain(last?.worker.id);
    await page.getByRole('button', { name: 'Close' }).click();
    // The page is drawn anew in its next frame.
    await expect.poll(() => page.locator('#task-log').count(), patient).toBe(0);
    expect(complaints).toEqual([]);
  },
  PATIENCE_MS,
);

testInBrowser(
  'curves stand against samples, seconds and USD',
  async () => {
    const { page, complaints } = await open(`#/run/${ended.state.run}`);
    await expectHistory(page, ended);
    const places = async (axis: string) => {
      await page.getByRole('radio', { name: axis }).check();
      await expect
        .poll(() => page.locator('padmm-chart[data-chart="loss"] .u-legend').textContent(), patient)
        .toContain(axis);
      return (await valuesOf(page, 'loss')).map(([place]) => place);
    };
    expect(await places('samples')).toEqual([0, ...ended.rounds.map(({ samplesSeen }) => samplesSeen)]);
    const seconds = await places('seconds');
    const lastMs = (ended.rounds.at(-1)?.formedAtMs ?? 0) - ended.state.createdAtMs;
    expect(seconds.at(-1)).toBeCloseTo(lastMs / 1000, 2);
    const usd = await places('USD');
    expect(usd.at(-1)).toBeGreaterThan(0);
    expect(usd).toEqual(usd.toSorted((a = 0, b = 0) => a - b));
    expect(complaints).toEqual([]);
  },
  PATIENCE_MS,
);

for (const colorScheme of ['light', 'dark'] as const) {
  testInBrowser(
    `no view has anything that axe finds serious, nor scrolls sideways on a phone, in ${colorScheme} mode`,
    async () => {
      const { run } = ended.state;
      const { page } = await open('', { colorScheme, viewport: { width: 360, height: 740 } });
      for (const [hash, heading] of [
        ['#/', 'Runs'],
        [`#/run/${run}`, run],
        [`#/compare/${run}`, 'Comparison'],
      ] as const) {
        await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
        await page.getByRole('heading', { level: 1, name: heading }).waitFor();
        await page
          .locator(hash === '#/' ? 'tr[data-run]' : 'canvas')
          .first()
          .waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
        // What is evaluated goes past the policy of the page.
        await page.evaluate(axeSource);
        const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
          'axe.run().then(({ violations }) => violations)',
        );
        const serious = found.filter(({ impact }) => ['serious', 'critical'].includes(impact));
        expect(serious.map(({ id, nodes }) => ({ hash, id, first: nodes[0]?.html }))).toEqual([]);
      }
    },
    PATIENCE_MS,
  );
}

testInBrowser('a run that is not there, and a page without the token, are told why', async () => {
  const { page } = await open('#/run/absent-01JT00000000000000000000AB');
  await expect
    .poll(() => page.locator('.trouble').textContent(), patient)
    .toContain('there is no such run here');
  await page.evaluate('sessionStorage.clear()');
  const status = await page.evaluate<number>(
    `fetch('/api/runs/${ended.state.run}/control', { method: 'POST', body: '{"action":"stop"}' }).then(({ status }) => status)`,
  );
  expect(status).toBe(403);
});
