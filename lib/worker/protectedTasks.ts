/** A task queue that keeps the worker's own ECS task protected while work flows. */
import type { ReceivedMessage, TaskQueue } from '../cloud/queues.ts';
import type { TaskProtection } from '../cloud/taskProtection.ts';

/** Protection ends by itself after this, so that a worker that hangs can be ended. */
const PROTECTED_MINUTES = 30;
/** It is taken anew once this much of it is over. */
const RENEW_AFTER_MS = (PROTECTED_MINUTES / 2) * 60_000;
/** Between two rounds a worker waits for seconds; after this long there is no work for it. */
const IDLE_MS = 60_000;

export interface ProtectionOptions {
  readonly protection: TaskProtection;
  /** Protection is a help, not a condition: a worker without it works on. */
  readonly onError: (error: unknown) => void;
  readonly clockMs?: () => number;
}

/** Takes protection with the first task and drops it after an idle minute, looking whenever the queue is asked. */
export class ProtectedTasks implements TaskQueue {
  readonly #tasks: TaskQueue;
  readonly #options: ProtectionOptions;
  readonly #clockMs: () => number;
  #busyAtMs = Number.NEGATIVE_INFINITY;
  #protectedAtMs: number | null = null;

  constructor(tasks: TaskQueue, options: ProtectionOptions) {
    this.#tasks = tasks;
    this.#options = options;
    this.#clockMs = options.clockMs ?? Date.now;
  }

  send(...parameters: Parameters<TaskQueue['send']>): Promise<void> {
    return this.#tasks.send(...parameters);
  }

  async receive(waitSeconds: number, signal?: AbortSignal): Promise<ReceivedMessage | null> {
    const message = await this.#tasks.receive(waitSeconds, signal);
    if (message !== null) await this.#protect();
    else if (this.#clockMs() - this.#busyAtMs >= IDLE_MS) await this.#release();
    return message;
  }

  async acknowledge(message: ReceivedMessage): Promise<void> {
    await this.#tasks.acknowledge(message);
    this.#busyAtMs = this.#clockMs();
  }

  setVisibility(message: ReceivedMessage, seconds: number): Promise<void> {
    return this.#tasks.setVisibility(message, seconds);
  }

  isEmpty(): Promise<boolean> {
    return this.#tasks.isEmpty();
  }

  async #protect(): Promise<void> {
    const nowMs = this.#clockMs();
    this.#busyAtMs = nowMs;
    if (this.#protectedAtMs !== null && nowMs - this.#protectedAtMs < RENEW_AFTER_MS) return;
    if (await this.#set(PROTECTED_MINUTES)) this.#protectedAtMs = nowMs;
  }

  async #release(): Promise<void> {
    if (this.#protectedAtMs !== null && (await this.#set(0))) this.#protectedAtMs = null;
  }

  async #set(minutes: number): Promise<boolean> {
    try {
      await this.#options.protection.set(minutes);
      return true;
    } catch (error) {
      this.#options.onError(error);
      return false;
    }
  }
}
