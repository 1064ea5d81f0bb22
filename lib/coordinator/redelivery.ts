import type { ResultQueue } from '../cloud/queues.ts';
import type { BatchResponse, QueueRecord } from './batch.ts';

const FIRST_DELAY_SECONDS = 1;
const LONGEST_DELAY_SECONDS = 60;

/** The more often a record failed, the longer it waits. */
const delaySecondsOf = ({ attributes }: QueueRecord): number => {
  const received = Number(attributes.ApproximateReceiveCount ?? 1);
  return Math.min(FIRST_DELAY_SECONDS * 2 ** (received - 1), LONGEST_DELAY_SECONDS);
};

/**
 * Makes what failed come again soon. Else it would stay hidden for the queue's whole visibility time-out, which outlasts
 * the function's, and the run would stand still as long: no message of its group is delivered meanwhile.
 */
export async function deliverFailuresSoon(
  results: ResultQueue,
  records: readonly QueueRecord[],
  { batchItemFailures }: BatchResponse,
): Promise<void> {
  const failedIds = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const failed = records.filter(({ messageId }) => failedIds.has(messageId));
  if (failed.length === 0) return;
  const delaySeconds = Math.max(...failed.map(delaySecondsOf));
  await results.deliverAgain(
    failed.map(({ receiptHandle }) => receiptHandle),
    delaySeconds,
  );
}
