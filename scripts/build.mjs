#!/usr/bin/env node
/**
 * Compiles the package that `npm pack` makes into `dist`, which has the places of the sources: Node strips no types in
 * packages that are installed.
 */
import { cpSync, existsSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, runOpenly } from './setup/processes.mjs';

/** CDK bundles the functions by it. */
const LOCK_FILE = 'package-lock.json';
/** What the pages of report and dashboard are made of, sent as it is, and the lock file. */
const ASSETS = ['lib/**/client/*.js', 'lib/**/*.css', LOCK_FILE];
const COMPILER = 'node_modules/typescript/bin/tsc';
const OUTPUT = join(projectRoot, 'dist');

try {
  rmSync(OUTPUT, { recursive: true, force: true });
  runOpenly(process.execPath, [join(projectRoot, COMPILER), '-p', 'tsconfig.build.json'], projectRoot);
  for (const asset of globSync(ASSETS, { cwd: projectRoot })) {
    cpSync(join(projectRoot, asset), join(OUTPUT, asset));
  }
  if (!existsSync(join(OUTPUT, 'package.json'))) {
    throw new Error(
      'dist/package.json: expected the compiler to copy what the sources import, found nothing',
    );
  }
} catch (error) {
  process.stderr.write(`build: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
