/** A headless Chromium for tests of what is drawn: the npm package's, else one that the machine has. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import packaged from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const onPath = (): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((directory) => NAMES.map((name) => join(directory, name)))
    .find(isExecutable);

/** How to start a browser here; the packaged one is tried first, unless CHROMIUM_PATH names another. */
const starters: readonly (() => Promise<Browser>)[] = [
  async () => chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '', args: ARGUMENTS }),
  async () =>
    chromium.launch({
      executablePath: await packaged.executablePath(),
      // One process for all would end with its first page.
      args: [...packaged.args.filter((argument) => argument !== '--single-process'), ...ARGUMENTS],
    }),
  async () => chromium.launch({ executablePath: onPath() ?? 'chromium', args: ARGUMENTS }),
];

/** A browser that runs, or why none does. */
export type BrowserOrReason = { readonly browser: Browser } | { readonly reasonMissing: string };

/** Starts a browser. Whoever asks for it closes it. */
export async function startBrowser(): Promise<BrowserOrReason> {
  const reasons: string[] = [];
  for (const start of process.env.CHROMIUM_PATH ? starters.slice(0, 1) : starters.slice(1)) {
    try {
      return { browser: await start() };
    } catch (error) {
      reasons.push(String(error).split('\n')[0] ?? '');
    }
  }
  return { reasonMissing: reasons.join('; ') };
}
