import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { moduleBeside } from '../besideModule.ts';

export interface NodeProcessOptions {
  /** The file to run, as it appears in the command line. */
  readonly entry: string;
  readonly arguments?: readonly string[];
  /** The whole environment of the process. */
  readonly environment: NodeJS.ProcessEnv;
  /** Takes standard output and standard error, appended. */
  readonly logFile: string;
}

/** How a process ended: by itself with a code, or by a signal. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface NodeProcess {
  readonly child: ChildProcess;
  /** Resolves when the process has ended, or could not be started at all. */
  readonly ended: Promise<ProcessEnd>;
}

/** A process whose parent was killed must not poll queues for ever. */
const EXIT_WITH_PARENT = ['--import', moduleBeside(import.meta.url, './exitWithParent').href];

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.on('error', () => {
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
}

/**
 * Runs a file with this very Node, and a message channel to it. The process is in a group of its own, so that Ctrl-C
 * reaches this one alone, which then ends its children in order.
 */
export function startNodeProcess(options: NodeProcessOptions): NodeProcess {
  const log = openSync(options.logFile, 'a');
  try {
    const parameters = [...EXIT_WITH_PARENT, options.entry, ...(options.arguments ?? [])];
    const child = spawn(process.execPath, parameters, {
      detached: true,
      env: options.environment,
      stdio: ['ignore', log, log, 'ipc'],
    });
    return { child, ended: endOf(child) };
  } finally {
    closeSync(log);
  }
}

export const describeEnd = ({ code, signal }: ProcessEnd): string =>
  signal === null ? `exit status ${code ?? 'unknown'}` : `signal ${signal}`;
