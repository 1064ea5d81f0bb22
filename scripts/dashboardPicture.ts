/**
 * Makes docs/dashboard.png: the page of a run in a directory, as a browser shows it.
 *
 * node scripts/dashboardPicture.ts DIRECTORY RUN
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startBrowser } from '../test/support/browser.ts';

const SIZE = { width: 1120, height: 940 };

const project = fileURLToPath(new URL('..', import.meta.url));
const [directory, run] = process.argv.slice(2);
if (directory === undefined || run === undefined) throw new Error('expected DIRECTORY and RUN');

const started = await startBrowser();
if (!('browser' in started)) throw new Error(started.reasonMissing);
const dashboard = spawn(process.execPath, [`${project}/bin/padmm.mjs`, 'dashboard', '--dir', directory]);
try {
  const [url] = await once(dashboard.stdout.setEncoding('utf8'), 'data');
  const page = await started.browser.newPage({ viewport: SIZE });
  await page.goto(`${new URL(url.trim()).origin}/#/run/${run}`);
  await page.locator('padmm-timeline canvas').waitFor();
  await page.screenshot({ path: `${project}/docs/dashboard.png` });
} finally {
  dashboard.kill('SIGINT');
  await started.browser.close();
}
