/**
 * A queue of the embedded SQS as the event source mapping reads it: in its store, without requests. On AWS the mapping is part
 * of Lambda, and its requests cost coordinator and workers no time; as requests on this machine they would.
 */
import type { SQSRecord } from 'aws-lambda';
import type { SqsQueue, SqsStore } from './fauxqs.ts';

const LONG_POLL_SECONDS = 20;
const ACCOUNT = '000000000000';

type Message = ReturnType<SqsQueue['dequeue']>[number];

/** A message in flight, in the form that AWS Lambda gives it. Messages of this project have no attributes of their own. */
function recordOf(
  queue: SqsQueue,
  region: string,
  { ReceiptHandle, MessageId, Body, MD5OfBody }: Message,
): SQSRecord {
  const message = queue.inflightMessages.get(ReceiptHandle)?.message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {
      ApproximateReceiveCount: String(message?.approximateReceiveCount),
      ApproximateFirstReceiveTimestamp: String(message?.approximateFirstReceiveTimestamp),
      SentTimestamp: String(message?.sentTimestamp),
      SenderId: ACCOUNT,
      ...(message?.sequenceNumber !== undefined && { SequenceNumber: message.sequenceNumber }),
      ...(message?.messageGroupId !== undefined && { MessageGroupId: message.messageGroupId }),
      ...(message?.messageDeduplicationId !== undefined && {
        MessageDeduplicationId: message.messageDeduplicationId,
      }),
    },
    messageAttributes: {},
    md5OfBody: MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: region,
  };
}

export class EventSourceQueue {
  readonly #store: SqsStore;
  readonly #url: string;
  readonly #region: string;

  constructor(store: SqsStore, url: string, region: string) {
    this.#store = store;
    this.#url = url;
    this.#region = region;
  }

  /**
   * Waits for messages as a long poll does, and hides them for the queue's visibility time-out.
   *
   * @param signal after which no message is taken; {@link wake} ends the wait.
   * @returns none where none came in 20 s.
   * @throws Error where there is no such queue.
   */
  async receive(mostRecords: number, signal: AbortSignal): Promise<SQSRecord[]> {
    const queue = this.#queue();
    const take = (): SQSRecord[] =>
      queue
        .dequeue(mostRecords, undefined, (arn) => this.#store.getQueueByArn(arn))
        .map((message) => recordOf(queue, this.#region, message));
    const records = take();
    if (records.length > 0) return records;
    await queue.waitForMessages(LONG_POLL_SECONDS);
    return signal.aborted ? [] : take();
  }

  delete(records: readonly SQSRecord[]): void {
    const queue = this.#queue();
    for (const { receiptHandle } of records) queue.deleteMessage(receiptHandle);
  }

  /** Ends waits for messages before their time. */
  wake(): void {
    this.#store.getQueue(this.#url)?.cancelWaiters();
  }

  #queue(): SqsQueue {
    const queue = this.#store.getQueue(this.#url);
    if (queue === undefined) throw new Error(`QueueDoesNotExist: ${this.#url}`);
    return queue;
  }
}
