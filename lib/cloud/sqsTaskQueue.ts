import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { ReceivedMessage, TaskQueue } from './queues.ts';
import { sendBatches } from './sendBatches.ts';

/** Waiting, in flight, and sent but not visible yet. */
const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** The task queue as a standard SQS queue. */
export class SqsTaskQueue implements TaskQueue {
  readonly #sqs: SQSClient;
  readonly #queueUrl: string;

  constructor(sqs: SQSClient, queueUrl: string) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
  }

  /** @throws CloudError where a body is over 1 MiB or SQS keeps refusing it; others may have been sent. */
  send(bodies: readonly string[], fairGroup?: string): Promise<void> {
    return sendBatches(this.#sqs, this.#queueUrl, bodies, fairGroup);
  }

  /**
   * One message, so that no worker holds tasks that it is not working on.
   *
   * SQS may hand a message to a poll in the very moment it is aborted; that one comes back after its visibility
   * time-out.
   *
   * @param waitSeconds 0 to 20, as SQS allows.
   */
  async receive(waitSeconds: number, signal?: AbortSignal): Promise<ReceivedMessage | null> {
    signal?.throwIfAborted();
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#queueUrl,
      MaxNumberOfMessages: 1,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    try {
      const { Messages } = await this.#sqs.send(command, signal ? { abortSignal: signal } : {});
      const [message] = Messages ?? [];
      if (message === undefined) return null;
      return {
        body: message.Body ?? '',
        receiptHandle: message.ReceiptHandle ?? '',
        messageId: message.MessageId ?? '',
        receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
      };
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  async acknowledge({ receiptHandle }: ReceivedMessage): Promise<void> {
    await this.#sqs.send(
      new DeleteMessageCommand({ QueueUrl: this.#queueUrl, ReceiptHandle: receiptHandle }),
    );
  }

  async setVisibility({ receiptHandle }: ReceivedMessage, seconds: number): Promise<void> {
    await this.#sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: this.#queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }),
    );
  }

  async isEmpty(): Promise<boolean> {
    const { Attributes = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.#queueUrl, AttributeNames: [...COUNTS] }),
    );
    return COUNTS.every((count) => Number(Attributes[count]) === 0);
  }
}
