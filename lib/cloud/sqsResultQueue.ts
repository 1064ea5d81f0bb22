import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ResultQueue } from './queues.ts';

/** The result queue as an SQS FIFO queue. */
export class SqsResultQueue implements ResultQueue {
  readonly #sqs: SQSClient;
  readonly #queueUrl: string;

  constructor(sqs: SQSClient, queueUrl: string) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
  }

  /**
   * One message a request: a result is sent as soon as it is there. No message attribute is copied from task to
   * result: a trace header carried round the loop makes Lambda's recursion detection end it.
   */
  async send(run: string, body: string, deduplicationId: string): Promise<void> {
    await this.#sqs.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: body,
        MessageGroupId: run,
        MessageDeduplicationId: deduplicationId,
      }),
    );
  }
}
