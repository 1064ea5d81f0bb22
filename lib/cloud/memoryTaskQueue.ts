import type { ReceivedMessage, TaskQueue } from './queues.ts';

/**
 * A task queue in the memory of this process for one consumer, which does every task it receives: messages come in the
 * order in which they were sent, and none is delivered twice unless it is handed back.
 */
export class MemoryTaskQueue implements TaskQueue {
  /** Bodies that wait, in their order. */
  readonly sent: string[] = [];
  readonly #inFlight = new Map<string, string>();
  #received = 0;

  async send(bodies: readonly string[]): Promise<void> {
    this.sent.push(...bodies);
  }

  async receive(): Promise<ReceivedMessage | null> {
    const body = this.sent.shift();
    if (body === undefined) return null;
    this.#received += 1;
    const receiptHandle = String(this.#received);
    this.#inFlight.set(receiptHandle, body);
    return { body, receiptHandle, messageId: receiptHandle, receiveCount: 1 };
  }

  async acknowledge({ receiptHandle }: ReceivedMessage): Promise<void> {
    this.#inFlight.delete(receiptHandle);
  }

  /** Hands a message back where `seconds` is 0; there is no clock that would do it later. */
  async setVisibility({ receiptHandle }: ReceivedMessage, seconds: number): Promise<void> {
    const body = this.#inFlight.get(receiptHandle);
    if (seconds > 0 || body === undefined) return;
    this.#inFlight.delete(receiptHandle);
    this.sent.unshift(body);
  }

  async isEmpty(): Promise<boolean> {
    return this.sent.length === 0 && this.#inFlight.size === 0;
  }
}
