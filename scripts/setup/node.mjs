import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { binaryPath, reasonIn, runQuietly, say } from './processes.mjs';

const TIMEOUT_MS = 300_000;

/** @param {string} version "v24.1.0" or "24.1.0" @param {string} range ">=22.19" */
export function satisfies(version, range) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = range.replace(/^>=/, '').split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** @param {string} node @param {string} root @param {string} range */
function isGood(node, root, range) {
  const { ok, output } = runQuietly(node, ['--version'], { cwd: root, timeoutMs: TIMEOUT_MS });
  return ok && satisfies(output.trim(), range);
}

/**
 * Sees to a Node that runs TypeScript files: the npm package `node`, whose own install script fetches the
 * binary. It lies in node_modules/.bin, which npm puts first on the PATH of every script.
 *
 * @param {string} root
 * @returns {string} the path of a Node that meets "engines" of package.json
 */
export function ensureNode(root) {
  const range = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node;
  const packaged = binaryPath(root, 'node');
  if (isGood(packaged, root, range)) return packaged;
  say('installing Node 24 beside the packages');
  const { output } = runQuietly('npm', ['rebuild', 'node'], { cwd: root, timeoutMs: TIMEOUT_MS });
  if (isGood(packaged, root, range)) return packaged;
  if (satisfies(process.version, range)) {
    say(
      `the npm package "node" does not install (${reasonIn(output)}); going on with Node ${process.version}`,
    );
    return process.execPath;
  }
  throw new Error(
    `Node ${range} is needed and this is ${process.version}; the npm package "node", which brings it, does not ` +
      `install: ${reasonIn(output)}. Install a newer Node and run "npm run setup" again`,
  );
}
