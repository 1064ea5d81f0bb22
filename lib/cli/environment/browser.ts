import { createRequire } from 'node:module';
import { type Check, messageOf, ok, warn } from './check.ts';

/** Packages that drive a browser; only tests of the report need them. */
const PACKAGES = ['@sparticuz/chromium', 'playwright-core'] as const;

/** Whether the tests of the report can open it in a browser. */
export function checkBrowser(): Check {
  const name = 'chromium (optional)';
  const { resolve } = createRequire(import.meta.url);
  try {
    for (const browserPackage of PACKAGES) resolve(browserPackage);
    return ok(name, `npm packages ${PACKAGES.join(' and ')}`);
  } catch (error) {
    const reason = messageOf(error).split('\n')[0] ?? '';
    return warn(name, reason, 'only tests of the report need it: run "npm run setup"');
  }
}
