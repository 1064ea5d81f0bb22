import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOpenly, say } from './processes.mjs';

/**
 * @typedef {{ version?: string, optional?: boolean, peer?: boolean, os?: string[], cpu?: string[] }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lock
 */

/** @param {string} path @returns {Lock | null} */
function readLock(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}

/** npm leaves out optional packages of other platforms and optional peers. @param {LockedPackage} locked */
function mayBeAbsent(locked) {
  return (
    locked.optional === true && (locked.peer === true || locked.os !== undefined || locked.cpu !== undefined)
  );
}

/**
 * The first difference between what the lock file asks for and what npm recorded as installed, or null.
 * An optional package whose install script failed was removed by npm: it counts as a difference.
 *
 * @param {Lock} wanted package-lock.json
 * @param {Lock} installed node_modules/.package-lock.json, which npm writes when an installation is complete
 */
export function firstDifference(wanted, installed) {
  for (const [path, locked] of Object.entries(wanted.packages)) {
    const there = installed.packages[path];
    if (path === '' || (there === undefined && mayBeAbsent(locked))) continue;
    if (there?.version !== locked.version) {
      return `${path}: expected ${locked.version}, found ${there?.version ?? 'nothing'}`;
    }
  }
  return null;
}

/**
 * Installs the packages of package-lock.json where they are not there already. Not `npm ci`: that removes what is
 * there, the built tfjs-node included, and refuses a lock file that lacks optional packages of other platforms, as
 * npm writes it where a registry does not carry them all. No install script runs: the few that are needed are
 * called by the steps after this one, which bound them and say what their failure costs.
 *
 * @param {string} root
 */
export function ensurePackages(root) {
  const wanted = readLock(join(root, 'package-lock.json'));
  if (wanted === null) throw new Error(`${join(root, 'package-lock.json')}: expected a file, found nothing`);
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  const difference = installed === null ? 'no packages yet' : firstDifference(wanted, installed);
  if (difference === null) return;
  say(`installing packages (${difference})`);
  const everything = ['--include=dev', '--include=optional'];
  runOpenly('npm', ['install', '--no-save', '--ignore-scripts', '--loglevel=error', ...everything], root);
}
