/** Processes that do trials: as many at a time as asked for, each kept for the next trial with the data it has loaded. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pLimit, { type LimitFunction } from 'p-limit';
import { PadmmError } from '../../lib/errors.ts';
import type { Result } from './trial.ts';
import type { TrialReply, TrialRequest } from './trialProcess.ts';

const ENTRY = fileURLToPath(new URL('./trialProcess.ts', import.meta.url));

/** A trial ended without a result. */
export class TrialError extends PadmmError {}

const start = (): ChildProcess => fork(ENTRY, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

/** Sends a request and waits for its answer, or for the end of the process. */
function ask(child: ChildProcess, request: TrialRequest): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null, signal: string | null): void => {
      reject(new TrialError(`${request.trial.kind} trial: its process ended by ${signal ?? `exit ${code}`}`));
    };
    child.once('exit', onExit);
    child.once('message', ({ result, failure }: TrialReply) => {
      child.off('exit', onExit);
      if (failure === undefined) resolve(result);
      else reject(new TrialError(`${request.trial.kind} trial: ${failure}`));
    });
    child.send(request);
  });
}

export class TrialPool {
  readonly #limit: LimitFunction;
  readonly #all = new Set<ChildProcess>();
  readonly #idle: ChildProcess[] = [];

  /** @param processes at a time, at least one. */
  constructor(processes: number) {
    this.#limit = pLimit(processes);
  }

  #start(): ChildProcess {
    const child = start();
    this.#all.add(child);
    child.once('exit', () => {
      this.#all.delete(child);
      const at = this.#idle.indexOf(child);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    return child;
  }

  /** @throws TrialError with what the trial, or the end of its process, says. */
  run(request: TrialRequest): Promise<Result> {
    return this.#limit(async () => {
      const child = this.#idle.pop() ?? this.#start();
      try {
        return await ask(child, request);
      } finally {
        if (this.#all.has(child)) this.#idle.push(child);
      }
    });
  }

  /** Ends all processes; trials that wait are dropped, those that run are rejected. */
  async close(): Promise<void> {
    this.#limit.clearQueue();
    await Promise.all(
      [...this.#all].map((child) => {
        const ended = once(child, 'exit');
        child.kill();
        return ended;
      }),
    );
  }
}
