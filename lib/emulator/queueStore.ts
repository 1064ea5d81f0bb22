/**
 * Queues as SQS has them, where fauxqs differs:
 * - a receive on a FIFO queue gives one message of a group; SQS gives as many of one group as it may;
 * - messages of a group that come back together (visibility over, handed back) come back in reverse order.
 *
 * Source: Amazon SQS Developer Guide, "FIFO queue delivery logic".
 */
import { mendFairness } from './fairQueue.ts';
import { fauxqsClasses, type SqsQueue, type SqsStore } from './fauxqs.ts';

/** Puts the waiting messages of every group back into the order in which they were sent. */
function restoreOrder(queue: SqsQueue): void {
  for (const waiting of queue.fifoMessages.values()) {
    waiting.sort((a, b) => ((a.sequenceNumber ?? '') < (b.sequenceNumber ?? '') ? -1 : 1));
  }
}

function mendFifo(queue: SqsQueue): SqsQueue {
  const { dequeue, processTimers, changeVisibility } = queue;

  queue.processTimers = () => {
    const inFlight = queue.inflightMessages.size;
    processTimers.call(queue);
    if (queue.inflightMessages.size < inFlight) restoreOrder(queue);
  };

  queue.changeVisibility = (receiptHandle, timeoutSeconds) => {
    changeVisibility.call(queue, receiptHandle, timeoutSeconds);
    if (timeoutSeconds === 0) restoreOrder(queue);
  };

  queue.dequeue = (maxCount, visibilityTimeout, deadLetterQueueOf) => {
    const takeOne = () => dequeue.call(queue, 1, visibilityTimeout, deadLetterQueueOf);
    const taken = takeOne();
    const group = taken[0] && queue.inflightMessages.get(taken[0].ReceiptHandle)?.message.messageGroupId;
    while (group !== undefined && taken.length < maxCount && queue.fifoMessages.has(group)) {
      // The lock that the messages taken so far hold is lifted for one more of them, then put back.
      const held = queue.fifoLockedGroups.get(group) ?? 0;
      queue.fifoLockedGroups.delete(group);
      const next = takeOne();
      queue.fifoLockedGroups.set(group, held + (queue.fifoLockedGroups.get(group) ?? 0));
      if (next.length === 0) break;
      taken.push(...next);
    }
    return taken;
  };
  return queue;
}

class MendedSqsStore extends fauxqsClasses.SqsStore {
  override createQueue(...parameters: Parameters<SqsStore['createQueue']>): SqsQueue {
    const queue = super.createQueue(...parameters);
    return queue.isFifo() ? mendFifo(queue) : mendFairness(queue);
  }
}

export const createQueueStore = (): SqsStore => new MendedSqsStore();
