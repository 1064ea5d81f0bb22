#!/usr/bin/env node
/** Starts the command line on a Node that runs TypeScript files, whatever Node was on the PATH. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The oldest Node that strips types by itself and meets "engines" of package.json. */
const NEEDED = { major: 22, minor: 19 };
/** The command line: the sources of a clone, or what an installed package has of them. */
const SOURCE = new URL('../lib/cli/main.ts', import.meta.url);
const BUILT = new URL('../dist/lib/cli/main.js', import.meta.url);
/** Node as an npm package, beside this one's packages or among those of the project that this one is installed in. */
const PACKAGED = ['../node_modules/node/bin/node', '../../node/bin/node'];
const EXIT_ENVIRONMENT = 3;
const EXIT_SIGNAL_BASE = 128;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isNewEnough = major > NEEDED.major || (major === NEEDED.major && minor >= NEEDED.minor);

/** Runs this very file on another Node and ends as that one ended. @param {string} node */
function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; this one waits until the other has shut down in good order.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => refuse(error.message));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? EXIT_SIGNAL_BASE + (signal === null ? 0 : constants.signals[signal]);
  });
}

/** @param {string} reason */
function refuse(reason) {
  process.stderr.write(`padmm: ${reason}\n`);
  process.exitCode = EXIT_ENVIRONMENT;
}

if (isNewEnough) {
  // Compiled code is kept in the system's directory for temporary files: the next start takes a third less time.
  module.enableCompileCache();
  const { main } = await import((existsSync(SOURCE) ? SOURCE : BUILT).href);
  await main(process.argv.slice(2));
} else {
  const packaged = PACKAGED.map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync);
  if (packaged !== undefined) handOver(packaged);
  else
    refuse(
      `Node ${NEEDED.major}.${NEEDED.minor} or newer is needed, this is ${process.version}; "npm run setup" installs it`,
    );
}
