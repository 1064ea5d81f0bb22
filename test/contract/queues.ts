import { randomUUID } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { ReceivedMessage } from '../../lib/cloud/queues.ts';
import { SqsResultQueue } from '../../lib/cloud/sqsResultQueue.ts';
import { SqsTaskQueue } from '../../lib/cloud/sqsTaskQueue.ts';
import { type Backend, newQueues, type OpenBackend, type QueueOptions } from './backend.ts';
import { type KnownGaps, testWithGaps } from './knownGaps.ts';

/** Longer than any visibility time-out here, so that a message that comes back is there. */
const PATIENT_SECONDS = 10;

async function present(receiving: Promise<ReceivedMessage | null>): Promise<ReceivedMessage> {
  const message = await receiving;
  if (message === null) throw new Error('expected a message, received none');
  return message;
}

/** What the task queue must do on every backend. */
export function describeTaskQueue(name: string, open: OpenBackend, gaps: KnownGaps = {}): void {
  const test = testWithGaps(gaps);
  describe(`task queue: ${name}`, () => {
    let backend: Backend;

    beforeAll(async () => {
      backend = await open();
    });
    afterAll(() => backend.close());

    const newTaskQueue = async (options: QueueOptions = {}) => {
      const { queueUrl, deadLetterUrl } = await newQueues(backend.clients, options);
      const { sqs } = backend.clients;
      return { tasks: new SqsTaskQueue(sqs, queueUrl), dead: new SqsTaskQueue(sqs, deadLetterUrl) };
    };

    const receiveAll = async (tasks: SqsTaskQueue, count: number): Promise<ReceivedMessage[]> => {
      const messages: ReceivedMessage[] = [];
      while (messages.length < count) messages.push(await present(tasks.receive(PATIENT_SECONDS)));
      return messages;
    };

    test('every message is delivered, and no more once acknowledged', async () => {
      const { tasks } = await newTaskQueue();
      const bodies = Array.from({ length: 25 }, (_, i) => `task ${i}`);
      await tasks.send(bodies);
      const messages = await receiveAll(tasks, 25);
      expect(messages.map(({ body }) => body).sort()).toEqual([...bodies].sort());
      expect(messages.every(({ receiveCount }) => receiveCount === 1)).toBe(true);
      expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(25);
      for (const message of messages) await tasks.acknowledge(message);
      expect(await tasks.receive(0)).toBeNull();
    });

    test('messages that are larger together than a request may be all arrive', async () => {
      const { tasks } = await newTaskQueue();
      const bodies = Array.from({ length: 7 }, (_, i) => String(i).repeat(200_000));
      await tasks.send(bodies);
      const messages = await receiveAll(tasks, 7);
      expect(messages.map(({ body }) => body).sort()).toEqual(bodies);
    });

    test('a message that was not acknowledged comes back, counted', async () => {
      const { tasks } = await newTaskQueue({ visibilitySeconds: 1 });
      await tasks.send(['again']);
      const first = await present(tasks.receive(PATIENT_SECONDS));
      expect(await tasks.receive(0)).toBeNull();
      const second = await present(tasks.receive(PATIENT_SECONDS));
      expect(second).toMatchObject({ body: 'again', messageId: first.messageId, receiveCount: 2 });
    });

    test('an extended message stays hidden after the first time-out has passed', async () => {
      const { tasks } = await newTaskQueue({ visibilitySeconds: 1 });
      await tasks.send(['long', 'short']);
      const [one, other] = (await receiveAll(tasks, 2)) as [ReceivedMessage, ReceivedMessage];
      await tasks.setVisibility(one, 60);
      // The other, received later, comes back when its own time-out has passed; so the first one's has passed too.
      expect((await present(tasks.receive(PATIENT_SECONDS))).messageId).toBe(other.messageId);
      expect(await tasks.receive(0)).toBeNull();
      await tasks.acknowledge(one);
    });

    test('a message handed back is delivered at once', async () => {
      const { tasks } = await newTaskQueue({ visibilitySeconds: 600 });
      await tasks.send(['back']);
      await tasks.setVisibility(await present(tasks.receive(PATIENT_SECONDS)), 0);
      expect(await present(tasks.receive(PATIENT_SECONDS))).toMatchObject({ body: 'back', receiveCount: 2 });
    });

    test('a long poll takes a message sent while it waits', async () => {
      const { tasks } = await newTaskQueue();
      const polling = tasks.receive(20);
      await tasks.send(['later']);
      expect(await polling).toMatchObject({ body: 'later', receiveCount: 1 });
    });

    test('an aborted poll rejects with the reason, and the next message goes to others', async () => {
      const { tasks } = await newTaskQueue({ visibilitySeconds: 600 });
      const stop = new AbortController();
      const reason = new Error('the worker stops');
      const polling = tasks.receive(20, stop.signal);
      await tasks.receive(0);
      stop.abort(reason);
      await expect(polling).rejects.toBe(reason);
      // One more exchange, within which the queue notices that the poll is gone.
      await tasks.receive(0);
      await expect(tasks.receive(20, stop.signal)).rejects.toBe(reason);
      await tasks.send(['kept']);
      expect(await present(tasks.receive(PATIENT_SECONDS))).toMatchObject({ body: 'kept', receiveCount: 1 });
    });

    test('a message received too often becomes a dead letter', async () => {
      const { tasks, dead } = await newTaskQueue({ visibilitySeconds: 600, maxReceiveCount: 2 });
      await tasks.send(['poison']);
      for (const receiveCount of [1, 2]) {
        const message = await present(tasks.receive(PATIENT_SECONDS));
        expect(message.receiveCount).toBe(receiveCount);
        await tasks.setVisibility(message, 0);
      }
      expect(await tasks.receive(0)).toBeNull();
      expect((await present(dead.receive(PATIENT_SECONDS))).body).toBe('poison');
    });
  });
}

/** What the result queue, and a function that is fed from it, rely on. */
export function describeResultQueue(name: string, open: OpenBackend, gaps: KnownGaps = {}): void {
  const test = testWithGaps(gaps);
  describe(`result queue: ${name}`, () => {
    let backend: Backend;

    beforeAll(async () => {
      backend = await open();
    });
    afterAll(() => backend.close());

    const newResultQueue = async (options: QueueOptions = {}) => {
      const { queueUrl, deadLetterUrl } = await newQueues(backend.clients, { ...options, fifo: true });
      const { sqs } = backend.clients;
      const results = new SqsResultQueue(sqs, queueUrl);
      return {
        send: (run: string, ...bodies: string[]) =>
          bodies.reduce(
            (sent, body) => sent.then(() => results.send(run, body, randomUUID())),
            Promise.resolve(),
          ),
        sendAs: (run: string, body: string, deduplicationId: string) =>
          results.send(run, body, deduplicationId),
        receive: async (waitSeconds: number, from = queueUrl): Promise<Message[]> => {
          const command = new ReceiveMessageCommand({
            QueueUrl: from,
            MaxNumberOfMessages: 10,
            WaitTimeSeconds: waitSeconds,
            MessageSystemAttributeNames: ['All'],
          });
          return (await sqs.send(command)).Messages ?? [];
        },
        remove: ({ ReceiptHandle }: Message) =>
          sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle })),
        handBack: ({ ReceiptHandle }: Message) =>
          sqs.send(
            new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
          ),
        deadLetterUrl,
      };
    };
    type Queue = Awaited<ReturnType<typeof newResultQueue>>;

    const bodiesOf = (messages: readonly Message[]) => messages.map(({ Body }) => Body);
    const countsOf = (messages: readonly Message[]) =>
      messages.map(({ Attributes }) => Number(Attributes?.ApproximateReceiveCount));

    /** Receives and deletes until `count` messages of a group came; the queue may give fewer at a time. */
    const drain = async (queue: Queue, count: number): Promise<(string | undefined)[]> => {
      const bodies: (string | undefined)[] = [];
      while (bodies.length < count) {
        const messages = await queue.receive(PATIENT_SECONDS);
        if (messages.length === 0) throw new Error(`expected ${count} messages, received ${bodies.length}`);
        bodies.push(...bodiesOf(messages));
        for (const message of messages) await queue.remove(message);
      }
      return bodies;
    };

    test('messages of a run arrive in order', async () => {
      const queue = await newResultQueue();
      const bodies = Array.from({ length: 23 }, (_, i) => `result ${i}`);
      await queue.send('run-a', ...bodies);
      expect(await drain(queue, 23)).toEqual(bodies);
      expect(await queue.receive(0)).toEqual([]);
    });

    test('up to ten messages of a run come at once', async () => {
      const queue = await newResultQueue();
      await queue.send('run-a', ...Array.from({ length: 12 }, (_, i) => `${i}`));
      const first = await queue.receive(PATIENT_SECONDS);
      expect(bodiesOf(first)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
      expect(first.every(({ Attributes }) => Attributes?.MessageGroupId === 'run-a')).toBe(true);
    });

    test('a run is locked while one of its messages is in flight; another run is not', async () => {
      const queue = await newResultQueue();
      await queue.send('run-a', ...Array.from({ length: 12 }, (_, i) => `a${i}`));
      const taken = await queue.receive(PATIENT_SECONDS);
      expect(bodiesOf(taken)[0]).toBe('a0');
      await queue.send('run-b', 'b0');
      expect(bodiesOf(await queue.receive(PATIENT_SECONDS))).toEqual(['b0']);
      for (const message of taken.slice(1)) await queue.remove(message);
      expect(await queue.receive(0)).toEqual([]);
      await queue.remove(taken[0] as Message);
      expect(bodiesOf(await queue.receive(PATIENT_SECONDS))[0]).toBe(`a${taken.length}`);
    });

    test('a repeated deduplication id is dropped, even after the first was consumed', async () => {
      const queue = await newResultQueue();
      await queue.sendAs('run-a', 'first', 'same');
      await queue.sendAs('run-a', 'repeated', 'same');
      expect(await drain(queue, 1)).toEqual(['first']);
      await queue.sendAs('run-a', 'repeated later', 'same');
      await queue.sendAs('run-a', 'another', 'other');
      expect(await drain(queue, 1)).toEqual(['another']);
    });

    test('messages whose visibility ended come back in order, counted', async () => {
      const queue = await newResultQueue({ visibilitySeconds: 1 });
      await queue.send('run-a', 'one', 'two', 'three', 'four');
      const first = await queue.receive(PATIENT_SECONDS);
      expect(countsOf(first)).toEqual(first.map(() => 1));
      const second = await queue.receive(PATIENT_SECONDS);
      expect(bodiesOf(second)).toEqual(bodiesOf(first));
      expect(countsOf(second)).toEqual(second.map(() => 2));
      for (const message of second) await queue.remove(message);
      expect(await drain(queue, 4 - second.length)).toEqual(
        ['one', 'two', 'three', 'four'].slice(second.length),
      );
    });

    test('messages handed back come again in order, before later ones', async () => {
      const queue = await newResultQueue({ visibilitySeconds: 600 });
      await queue.send('run-a', 'one', 'two', 'three');
      const taken = await queue.receive(PATIENT_SECONDS);
      for (const message of taken) await queue.handBack(message);
      await queue.send('run-a', 'four');
      expect(await drain(queue, 4)).toEqual(['one', 'two', 'three', 'four']);
    });

    test('a message received too often becomes a dead letter, and frees its run', async () => {
      const queue = await newResultQueue({ visibilitySeconds: 600, maxReceiveCount: 1 });
      await queue.send('run-a', 'poison');
      await queue.handBack((await queue.receive(PATIENT_SECONDS))[0] as Message);
      await queue.send('run-a', 'next');
      expect(await drain(queue, 1)).toEqual(['next']);
      expect(bodiesOf(await queue.receive(PATIENT_SECONDS, queue.deadLetterUrl))).toEqual(['poison']);
    });
  });
}
