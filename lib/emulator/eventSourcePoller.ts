/**
 * The event source mapping of AWS Lambda for an SQS FIFO queue, with ReportBatchItemFailures.
 *
 * Source: AWS Lambda Developer Guide, "Using Lambda with Amazon SQS" and "FIFO queue ordering".
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord, SQSRecordAttributes } from 'aws-lambda';
import { failedIdsOf } from './batchResponse.ts';

export interface EventSourceOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly region: string;
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
const LONG_POLL_SECONDS = 20;
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
    await Promise.all(this.#loops);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const messages = await this.#receive();
        if (messages.length > 0) await this.#deliver(messages);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.log(`event source: ${error}`);
        await sleep(PAUSE_AFTER_ERROR_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #receive(): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#options.queueUrl,
      MaxNumberOfMessages: this.#options.batchRecords ?? BATCH_RECORDS,
      WaitTimeSeconds: LONG_POLL_SECONDS,
      MessageSystemAttributeNames: ['All'],
    });
    const { Messages } = await this.#options.sqs.send(command, { abortSignal: this.#stop.signal });
    return Messages ?? [];
  }

  async #deliver(messages: readonly Message[]): Promise<void> {
    const records = messages.map((message) => this.#recordOf(message));
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
    await this.#delete(records.filter(({ messageId }) => !failed.has(messageId)));
  }

  async #delete(records: readonly SQSRecord[]): Promise<void> {
    if (records.length === 0) return;
    const { Failed = [] } = await this.#options.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: this.#options.queueUrl,
        Entries: records.map(({ receiptHandle }, index) => ({
          Id: String(index),
          ReceiptHandle: receiptHandle,
        })),
      }),
    );
    for (const { Code, Message } of Failed)
      this.#options.log(`event source: not deleted: ${Code} ${Message}`);
  }

  #recordOf(message: Message): SQSRecord {
    return {
      messageId: message.MessageId ?? '',
      receiptHandle: message.ReceiptHandle ?? '',
      body: message.Body ?? '',
      attributes: (message.Attributes ?? {}) as unknown as SQSRecordAttributes,
      // Messages of this project have no attributes of their own.
      messageAttributes: {},
      md5OfBody: message.MD5OfBody ?? '',
      eventSource: 'aws:sqs',
      eventSourceARN: this.#options.queueArn,
      awsRegion: this.#options.region,
    };
  }
}
