import { lstatSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { binaryPath } from './processes.mjs';

/** @param {string} path */
function linkTarget(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : null;
}

/**
 * Links the project's own command among those of its packages, where npm scripts and npx look for it; npm
 * links only the commands of dependencies.
 *
 * @param {string} root
 */
export function ensurePadmmLink(root) {
  const link = binaryPath(root, 'padmm');
  const target = join('..', '..', 'bin', 'padmm.mjs');
  if (linkTarget(link) === target) return;
  rmSync(link, { force: true });
  symlinkSync(target, link);
}
