/**
 * The event source mapping of AWS Lambda for an SQS FIFO queue, with ReportBatchItemFailures.
 *
 * Source: AWS Lambda Developer Guide, "Using Lambda with Amazon SQS" and "FIFO queue ordering".
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { failedIdsOf } from './batchResponse.ts';
import type { EventSourceQueue } from './eventSourceQueue.ts';

export interface EventSourceOptions {
  readonly queue: EventSourceQueue;
  /** Calls the function; a rejection is a failed invocation. */
  readonly invoke: (event: SQSEvent) => Promise<unknown>;
  /** Most records an invocation gets; the most that AWS Lambda takes from a FIFO queue, 10, where it is not said. */
  readonly batchRecords?: number;
  /** Most invocations at once; AWS Lambda allows no less than 2. */
  readonly maxConcurrency: number;
  /** Takes a line about each failed invocation or request. */
  readonly log: (line: string) => void;
}

/** AWS Lambda's limit for a FIFO queue, which has no batch window. */
const BATCH_RECORDS = 10;
const PAUSE_AFTER_ERROR_MS = 1_000;

/**
 * Feeds a function from a queue. Each of `maxConcurrency` loops receives a batch, invokes the function with it and
 * deletes what succeeded. The queue locks a group while any of its messages is in flight, so no two invocations
 * have the same group, and no group waits for another. What failed stays hidden until its visibility time-out ends, and
 * its group with it.
 */
export class EventSourcePoller {
  readonly #options: EventSourceOptions;
  readonly #stop = new AbortController();
  #loops: Promise<void>[] = [];

  constructor(options: EventSourceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loops = Array.from({ length: this.#options.maxConcurrency }, () => this.#poll());
  }

  /** Receives no more, and waits for the invocations under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#options.queue.wake();
    await Promise.all(this.#loops);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stop;
    const { queue, batchRecords = BATCH_RECORDS } = this.#options;
    while (!signal.aborted) {
      try {
        const records = await queue.receive(batchRecords, signal);
        if (records.length > 0) await this.#deliver(records);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.log(`event source: ${error}`);
        await sleep(PAUSE_AFTER_ERROR_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #deliver(records: SQSRecord[]): Promise<void> {
    let answer: unknown;
    try {
      answer = await this.#options.invoke({ Records: records });
    } catch (error) {
      this.#options.log(`event source: batch of ${records.length} failed: ${error}`);
      return;
    }
    const failed = failedIdsOf(
      answer,
      records.map(({ messageId }) => messageId),
    );
    if (failed.size > 0) {
      this.#options.log(`event source: ${failed.size} of ${records.length} records reported as failed`);
    }
    this.#options.queue.delete(records.filter(({ messageId }) => !failed.has(messageId)));
  }
}
