import { ChangeMessageVisibilityBatchCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { CloudError } from './cloudError.ts';
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

  /** @param receiptHandles at most ten, which is what a FIFO queue delivers at a time. */
  async deliverAgain(receiptHandles: readonly string[], seconds: number): Promise<void> {
    const { Failed = [] } = await this.#sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: this.#queueUrl,
        Entries: receiptHandles.map((ReceiptHandle, index) => ({
          ...{ Id: String(index), ReceiptHandle, VisibilityTimeout: seconds },
        })),
      }),
    );
    const [first] = Failed;
    if (first !== undefined) {
      throw new CloudError(
        `${this.#queueUrl}: visibility of ${Failed.length} messages was not changed, the first: ${first.Code}`,
      );
    }
  }
}
