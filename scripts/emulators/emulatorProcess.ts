/** An emulator of AWS as a process of this machine, on a free port of the loopback address. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EnvironmentError } from '../../lib/errors.ts';

export interface Emulator {
  readonly endpoint: string;
  readonly logFile: string;
  /** Ends it and the processes that it started. */
  close(): Promise<void>;
}

export interface EmulatorOptions {
  readonly command: string;
  readonly arguments: (port: number) => readonly string[];
  readonly environment: (port: number) => NodeJS.ProcessEnv;
  /** Host name in the endpoint; it leads to 127.0.0.1. */
  readonly host: string;
  /** Path that answers once it is ready. */
  readonly healthPath: string;
  /** Takes the log, emulator.log, and what else it writes. */
  readonly directory: string;
}

const START_TIMEOUT_MS = 120_000;
const POLL_MS = 100;
const GRACE_MS = 10_000;
const LOG_LINES = 20;

/** A port that is free now; whoever takes it must be quick. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const isHealthy = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/** @throws EnvironmentError with the end of the log where it does not come up. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const port = await freePort();
  const logFile = join(options.directory, 'emulator.log');
  const log = openSync(logFile, 'a');
  // A group of its own, so that what it started ends with it.
  const child = spawn(options.command, options.arguments(port), {
    detached: true,
    env: options.environment(port),
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const killGroup = () => signalGroup('SIGKILL');
  process.once('exit', killGroup);
  const close = async () => {
    signalGroup('SIGTERM');
    await Promise.race([ended, delay(GRACE_MS, undefined, { ref: false })]);
    killGroup();
    await ended;
    process.off('exit', killGroup);
  };
  const endpoint = `http://${options.host}:${port}`;
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while (!(await isHealthy(endpoint + options.healthPath))) {
    const isOver = performance.now() > deadlineMs || child.exitCode !== null || child.pid === undefined;
    if (isOver) {
      await close();
      const end = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-LOG_LINES).join('\n');
      throw new EnvironmentError(
        `${options.command}: expected an answer of ${endpoint}, received none\n${end}`,
      );
    }
    await delay(POLL_MS);
  }
  return { endpoint, logFile, close };
}
