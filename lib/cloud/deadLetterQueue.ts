/**
 * The dead-letter queue of another queue: messages that were received as often as that one allows and never acknowledged.
 *
 * Source: Amazon SQS Developer Guide, "Using dead-letter queues in Amazon SQS".
 */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { CloudError } from './cloudError.ts';

/** A message that nobody took in. */
export interface DeadLetter {
  readonly body: string;
  readonly receiptHandle: string;
  /** Times it was received, from either queue. */
  readonly receiveCount: number;
  readonly sentAtMs: number;
}

const redrivePolicySchema = z.object({ deadLetterTargetArn: z.string() });

/** How long a letter is hidden from others while this process looks at it. */
const HOLD_SECONDS = 60;
/** The most that SQS gives at once. */
const RECEIVE_MESSAGES = 10;
const WAIT_SECONDS = 1;

export class DeadLetterQueue {
  readonly #sqs: SQSClient;
  readonly #queueUrl: string;

  private constructor(sqs: SQSClient, queueUrl: string) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
  }

  /** That of a queue. @throws CloudError where the queue has none. */
  static async of(sqs: SQSClient, queueUrl: string): Promise<DeadLetterQueue> {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['RedrivePolicy'] }),
    );
    const policy = redrivePolicySchema.safeParse(JSON.parse(Attributes?.RedrivePolicy ?? 'null'));
    if (!policy.success) {
      throw new CloudError(`${queueUrl}: expected a RedrivePolicy with a dead-letter queue, received none`);
    }
    const name = policy.data.deadLetterTargetArn.split(':').at(-1);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    if (QueueUrl === undefined) throw new CloudError(`queue ${name}: expected a URL, received none`);
    return new DeadLetterQueue(sqs, QueueUrl);
  }

  /** Letters that nobody holds; approximate, as SQS counts. */
  async count(): Promise<number> {
    const { Attributes } = await this.#sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages'],
      }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
  }

  /** Up to ten letters, hidden from others until they are deleted or released; none where none is left. */
  async receive(): Promise<DeadLetter[]> {
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#queueUrl,
        MaxNumberOfMessages: RECEIVE_MESSAGES,
        VisibilityTimeout: HOLD_SECONDS,
        WaitTimeSeconds: WAIT_SECONDS,
        MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
      }),
    );
    return Messages.map(({ Body = '', ReceiptHandle = '', Attributes }) => ({
      body: Body,
      receiptHandle: ReceiptHandle,
      receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
      sentAtMs: Number(Attributes?.SentTimestamp ?? 0),
    }));
  }

  async delete({ receiptHandle }: DeadLetter): Promise<void> {
    await this.#sqs.send(
      new DeleteMessageCommand({ QueueUrl: this.#queueUrl, ReceiptHandle: receiptHandle }),
    );
  }

  /** Shows a letter to others again. */
  async release({ receiptHandle }: DeadLetter): Promise<void> {
    await this.#sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: this.#queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: 0,
      }),
    );
  }
}
