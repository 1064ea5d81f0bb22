/** A rule of Amazon EventBridge on a fixed rate, whose target is a function. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface ScheduleOptions {
  readonly everyMs: number;
  /** Calls the function; a rejection is a failed invocation. */
  readonly invoke: () => Promise<unknown>;
  /** Takes a line about each failed invocation. */
  readonly log: (line: string) => void;
}

/** Invokes a function again and again, the first time after one interval, and never twice at once. */
export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Invokes no more, and waits for the invocation under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { everyMs, invoke, log } = this.#options;
    const { signal } = this.#stop;
    while (await this.#interval(everyMs, signal)) {
      await invoke().catch((error: unknown) => log(`schedule: ${error}`));
    }
  }

  /** False once the schedule is stopped. */
  #interval(everyMs: number, signal: AbortSignal): Promise<boolean> {
    return sleep(everyMs, true, { signal }).catch(() => false);
  }
}
