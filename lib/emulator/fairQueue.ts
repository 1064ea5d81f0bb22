/**
 * Standard queues that are fair to message groups, as those of SQS are: a group with many messages in flight does not make
 * those of others wait. fauxqs forgets the group of a message, and gives messages out in the order of sending.
 *
 * Source: Amazon SQS Developer Guide, "Amazon SQS fair queues". How SQS weighs groups is not documented; here the group with
 * the fewest messages in flight comes first, and among equals the message that waits longest.
 */
import type { FauxqsApp, SqsQueue, SqsStore } from './fauxqs.ts';

interface Sent {
  readonly Id: string;
  readonly MessageGroupId?: string;
}

interface SendAnswer {
  readonly Successful?: readonly { readonly Id: string; readonly MessageId: string }[];
}

function messageOf(queue: SqsQueue, id: string) {
  const waiting = queue.messages.findLast(({ messageId }) => messageId === id);
  if (waiting !== undefined) return waiting;
  return [...queue.inflightMessages.values()].find(({ message }) => message.messageId === id)?.message;
}

/** Keeps the groups of the messages that a request has sent. */
function keepGroups(queue: SqsQueue, entries: readonly Sent[], { Successful = [] }: SendAnswer): void {
  const groups = new Map(entries.map(({ Id, MessageGroupId }) => [Id, MessageGroupId]));
  for (const { Id, MessageId } of Successful) {
    const group = groups.get(Id);
    const message = messageOf(queue, MessageId);
    if (group !== undefined && message !== undefined) message.messageGroupId = group;
  }
}

/** Makes batches that are sent to standard queues keep their groups. */
export function mendGroups(app: FauxqsApp, sqs: SqsStore): void {
  app.addHook('preSerialization', (request, _reply, payload, done) => {
    if (request.headers['x-amz-target'] === 'AmazonSQS.SendMessageBatch') {
      const { QueueUrl, Entries } = request.body as { QueueUrl: string; Entries?: readonly Sent[] };
      const queue = sqs.getQueue(QueueUrl);
      if (queue !== undefined && !queue.isFifo()) keepGroups(queue, Entries ?? [], payload as SendAnswer);
    }
    done(null, payload);
  });
}

/** Where the message waits that is to be given out next; -1 in an empty queue. */
function nextIndex({ messages, inflightMessages }: SqsQueue): number {
  const inFlight = new Map<string | undefined, number>();
  for (const { message } of inflightMessages.values()) {
    inFlight.set(message.messageGroupId, (inFlight.get(message.messageGroupId) ?? 0) + 1);
  }
  let [chosen, fewest] = [-1, Number.POSITIVE_INFINITY];
  for (const [index, { messageGroupId }] of messages.entries()) {
    const count = inFlight.get(messageGroupId) ?? 0;
    if (count < fewest) [chosen, fewest] = [index, count];
    if (fewest === 0) break;
  }
  return chosen;
}

/** Makes a standard queue give its messages out fairly. */
export function mendFairness(queue: SqsQueue): SqsQueue {
  const { dequeue } = queue;
  queue.dequeue = (maxCount, visibilityTimeout, deadLetterQueueOf) => {
    queue.processTimers();
    const taken: ReturnType<typeof dequeue> = [];
    while (taken.length < maxCount) {
      const [next] = queue.messages.splice(nextIndex(queue), 1);
      if (next === undefined) break;
      queue.messages.unshift(next);
      const one = dequeue.call(queue, 1, visibilityTimeout, deadLetterQueueOf);
      if (one.length === 0) break;
      taken.push(...one);
    }
    return taken;
  };
  return queue;
}
