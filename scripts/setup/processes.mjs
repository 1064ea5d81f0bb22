import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory of package.json. */
export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Tells the user what the set-up does; stdout is left to the command that follows. @param {string} line */
export function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

/**
 * Runs a program to its end, its output kept.
 *
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{ cwd: string, timeoutMs: number, env?: NodeJS.ProcessEnv }} options the process is killed after `timeoutMs`.
 * @returns {{ ok: boolean, output: string }} what it wrote to both streams, and why it did not start or end.
 */
export function runQuietly(command, parameters, { cwd, timeoutMs, env = {} }) {
  const run = spawnSync(command, parameters, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
  });
  const reason = run.error ? `${command}: ${run.error.message}\n` : '';
  return { ok: run.status === 0, output: `${reason}${run.stdout ?? ''}${run.stderr ?? ''}` };
}

/**
 * Runs a program whose output the user sees, on stderr.
 *
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {string} cwd
 */
export function runOpenly(command, parameters, cwd) {
  const run = spawnSync(command, parameters, { cwd, stdio: ['ignore', process.stderr, 'inherit'] });
  if (run.error) throw new Error(`${command}: ${run.error.message}`);
  if (run.status !== 0) {
    throw new Error(`"${[command, ...parameters].join(' ')}" ended with ${run.status ?? run.signal}`);
  }
}

/** The line of a failed program's output that says why: the last that speaks of an error, else the last. @param {string} output */
export function reasonIn(output) {
  const lines = output.split('\n').map((line) => line.trim());
  return (
    lines.findLast((line) => /error|not found/i.test(line)) ?? lines.findLast((line) => line !== '') ?? ''
  );
}

/** Where the binary of a package that npm installed lies. @param {string} root @param {string} name */
export const binaryPath = (root, name) => join(root, 'node_modules', '.bin', name);
