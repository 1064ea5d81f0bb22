import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../errors.ts';
import { describeEnd, startNodeProcess } from './nodeProcess.ts';

export interface WorkerProcessesOptions {
  readonly count: number;
  /** The worker's file, run as it is given, so that it shows in the command line. */
  readonly entry: string;
  /** The environment of every worker; PADMM_WORKER_ID is added, `worker-0` and so on. */
  readonly environment: NodeJS.ProcessEnv;
  /** `worker-0.log` and so on are written here. */
  readonly logDirectory: string;
  /** What a worker gets after SIGTERM to finish or hand back its task, before SIGKILL. */
  readonly graceMs: number;
  /** Takes a line about each worker that ended without being asked to. */
  readonly log: (line: string) => void;
}

const FIRST_RESTART_DELAY_MS = 250;
const LONGEST_RESTART_DELAY_MS = 10_000;
/** A worker that stayed up for this long has started well: the next restart does not wait longer than the first. */
const SETTLED_MS = 5_000;
/** After as many bad starts in a row no worker will ever start: a missing module, a broken backend. */
const HOPELESS_STARTS = 5;

/** A number of worker processes, kept at that number: one that dies is started again. */
export class WorkerProcesses {
  readonly #options: WorkerProcessesOptions;
  readonly #stop = new AbortController();
  readonly #children = new Set<ChildProcess>();
  readonly #failure = Promise.withResolvers<EnvironmentError>();
  #slots: Promise<void>[] = [];

  constructor(options: WorkerProcessesOptions) {
    this.#options = options;
  }

  /** Resolves if a worker cannot be kept up, with an error that says where its log is; stays pending otherwise. */
  get failure(): Promise<EnvironmentError> {
    return this.#failure.promise;
  }

  /** Process ids of the workers that are up. */
  get pids(): number[] {
    return [...this.#children].flatMap(({ pid }) => pid ?? []);
  }

  start(): void {
    this.#slots = Array.from({ length: this.#options.count }, (_, index) => this.#keepUp(index));
  }

  /** SIGTERM to all; SIGKILL to those that are still there after a grace period. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const child of this.#children) child.kill('SIGTERM');
    const timer = setTimeout(() => {
      for (const child of this.#children) child.kill('SIGKILL');
    }, this.#options.graceMs);
    await Promise.all(this.#slots);
    clearTimeout(timer);
  }

  async #keepUp(index: number): Promise<void> {
    const { signal } = this.#stop;
    const logFile = this.#logFile(`worker-${index}`);
    let badStarts = 0;
    while (!signal.aborted) {
      const startedAtMs = performance.now();
      const end = await this.#runOnce(`worker-${index}`);
      if (signal.aborted) return;
      badStarts = performance.now() - startedAtMs < SETTLED_MS ? badStarts + 1 : 0;
      this.#options.log(`worker ${index} ended with ${end}`);
      if (badStarts >= HOPELESS_STARTS) {
        const message = `worker ${index}: ended ${badStarts} times right after its start, last with ${end}; see ${logFile}`;
        this.#failure.resolve(new EnvironmentError(message));
      }
      const delayMs = Math.min(
        FIRST_RESTART_DELAY_MS * 2 ** Math.max(badStarts - 1, 0),
        LONGEST_RESTART_DELAY_MS,
      );
      await sleep(delayMs, undefined, { signal }).catch(() => {});
    }
  }

  #logFile(name: string): string {
    return join(this.#options.logDirectory, `${name}.log`);
  }

  async #runOnce(name: string): Promise<string> {
    const { entry } = this.#options;
    const environment = { ...this.#options.environment, PADMM_WORKER_ID: name };
    const { child, ended } = startNodeProcess({ entry, environment, logFile: this.#logFile(name) });
    this.#children.add(child);
    const end = await ended;
    this.#children.delete(child);
    return describeEnd(end);
  }
}
