/** Holding a message: it stays hidden from other workers while this one lives and works on it. */
import type { ReceivedMessage, TaskQueue } from '../cloud/queues.ts';

/** Amazon SQS: a message is hidden for twelve hours at most. */
const MAX_VISIBILITY_SECONDS = 43_200;
/** Beats within one time-out: one that is lost does not cost the message. */
const BEATS = 3;
/** A solve keeps the process from beating, so the time-out is this many times the longest one seen. */
const SOLVE_MARGIN = 3;

export interface Hold {
  /** Ends the heartbeat. */
  release(): void;
}

export class MessageHolder {
  readonly #tasks: TaskQueue;
  readonly #visibilitySeconds: number;
  readonly #onError: (error: unknown) => void;
  #longestSeconds = 0;

  /** @param visibilitySeconds time-out of the queue, which holds when a message is received. */
  constructor(tasks: TaskQueue, visibilitySeconds: number, onError: (error: unknown) => void) {
    this.#tasks = tasks;
    this.#visibilitySeconds = visibilitySeconds;
    this.#onError = onError;
  }

  /** Extends the visibility of a message until released; longer where tasks have been seen to block for longer. */
  hold(message: ReceivedMessage): Hold {
    const startedMs = performance.now();
    const needed = Math.ceil(this.#longestSeconds * SOLVE_MARGIN);
    const seconds = Math.min(Math.max(this.#visibilitySeconds, needed), MAX_VISIBILITY_SECONDS);
    const beat = () => void this.#tasks.setVisibility(message, seconds).catch(this.#onError);
    if (seconds > this.#visibilitySeconds) beat();
    const timer = setInterval(beat, (seconds * 1000) / BEATS);
    return {
      release: () => {
        clearInterval(timer);
        this.#longestSeconds = Math.max(this.#longestSeconds, (performance.now() - startedMs) / 1000);
      },
    };
  }
}
