/**
 * Sending many messages in few requests.
 *
 * Source: Amazon SQS API Reference, SendMessageBatch: up to 10 messages, together up to 1 MiB, each taken or refused by
 * itself.
 */
import {
  type BatchResultErrorEntry,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import pRetry, { AbortError } from 'p-retry';
import { CloudError } from './cloudError.ts';

const BATCH_MESSAGES = 10;
/** Largest message, and largest sum of a batch's messages. */
export const MAX_BATCH_BYTES = 1_048_576;
/** Requests in flight: a round of 1,000 tasks is 100 batches. */
const PARALLEL_BATCHES = 8;
const REFUSAL_RETRIES = { retries: 4, minTimeout: 100, factor: 2, randomize: true };

/** Cuts bodies, in order, into batches that SQS takes. @throws CloudError where one body alone is too large. */
export function batchesOf(bodies: readonly string[]): string[][] {
  const batches: string[][] = [];
  let batchBytes = 0;
  bodies.forEach((body, index) => {
    const sizeBytes = Buffer.byteLength(body);
    if (sizeBytes > MAX_BATCH_BYTES) {
      throw new CloudError(
        `message ${index}: expected at most ${MAX_BATCH_BYTES} bytes, received ${sizeBytes}`,
      );
    }
    const last = batches.at(-1);
    if (last === undefined || last.length === BATCH_MESSAGES || batchBytes + sizeBytes > MAX_BATCH_BYTES) {
      batches.push([body]);
      batchBytes = sizeBytes;
    } else {
      last.push(body);
      batchBytes += sizeBytes;
    }
  });
  return batches;
}

function refusal(queueUrl: string, failed: readonly BatchResultErrorEntry[]): CloudError {
  const [first] = failed;
  return new CloudError(
    `${queueUrl}: ${failed.length} messages were not taken, the first: ${first?.Code} ${first?.Message ?? ''}`,
  );
}

/** Sends one batch; what SQS refuses for reasons of its own is sent again, alone. */
async function sendBatch(
  sqs: SQSClient,
  queueUrl: string,
  bodies: readonly string[],
  fairGroup: string | undefined,
): Promise<void> {
  let entries: SendMessageBatchRequestEntry[] = bodies.map((MessageBody, index) => ({
    Id: String(index),
    MessageBody,
    ...(fairGroup === undefined ? {} : { MessageGroupId: fairGroup }),
  }));
  await pRetry(async () => {
    const { Failed = [] } = await sqs.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
    );
    if (Failed.length === 0) return;
    if (Failed.some(({ SenderFault }) => SenderFault)) throw new AbortError(refusal(queueUrl, Failed));
    const failedIds = new Set(Failed.map(({ Id }) => Id));
    entries = entries.filter(({ Id }) => failedIds.has(Id));
    throw refusal(queueUrl, Failed);
  }, retryRefusals);
}

/** The SDK has already repeated whole requests that failed; only refusals of single messages are repeated here. */
const retryRefusals = {
  ...REFUSAL_RETRIES,
  shouldRetry: ({ error }: { error: Error }) => error instanceof CloudError,
};

/**
 * Sends every body to a standard queue.
 *
 * @param fairGroup message group of all of them; on a standard queue it neither orders nor locks.
 *
 * @throws CloudError where messages are too large, or still refused after repeating; others may have been sent.
 */
export async function sendBatches(
  sqs: SQSClient,
  queueUrl: string,
  bodies: readonly string[],
  fairGroup?: string,
): Promise<void> {
  const limit = pLimit(PARALLEL_BATCHES);
  await Promise.all(
    batchesOf(bodies).map((batch) => limit(() => sendBatch(sqs, queueUrl, batch, fairGroup))),
  );
}
