import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { SqsResultQueue } from '../../lib/cloud/sqsResultQueue.ts';
import { EventSourcePoller } from '../../lib/emulator/eventSourcePoller.ts';
import { LambdaFunction } from '../../lib/emulator/lambdaFunction.ts';
import { newQueues } from '../contract/backend.ts';
import { openEmbedded } from '../contract/embeddedBackend.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { eventually, fixture } from './processes.ts';

type Invoke = (event: SQSEvent) => Promise<unknown>;

let backend: Awaited<ReturnType<typeof openEmbedded>>;
let sqs: SQSClient;
beforeAll(async () => {
  backend = await openEmbedded();
  ({ sqs } = backend.clients);
});
afterAll(() => backend.close());

async function newSource(visibilitySeconds: number, queueUrlOf = (queueUrl: string) => queueUrl) {
  const { queueUrl } = await newQueues(backend.clients, { fifo: true, visibilitySeconds });
  const results = new SqsResultQueue(sqs, queueUrlOf(queueUrl));
  const attribute = async (name: 'ApproximateNumberOfMessages' | 'ApproximateNumberOfMessagesNotVisible') => {
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [name] });
    return Number((await sqs.send(command)).Attributes?.[name]);
  };
  return {
    queueUrl,
    async send(group: string, ...bodies: string[]) {
      for (const body of bodies) await results.send(group, body, randomUUID());
    },
    inFlight: () => attribute('ApproximateNumberOfMessagesNotVisible'),
    waiting: () => attribute('ApproximateNumberOfMessages'),
    async receiveNow() {
      const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
      return (await sqs.send(command)).Messages ?? [];
    },
    /** Ends the visibility time-out of records now. */
    async endVisibility(records: readonly SQSRecord[]) {
      for (const { receiptHandle } of records) {
        await sqs.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: queueUrl,
            ReceiptHandle: receiptHandle,
            VisibilityTimeout: 0,
          }),
        );
      }
    },
  };
}

function startPoller(queueUrl: string, invoke: Invoke, maxConcurrency = 2) {
  const lines: string[] = [];
  const poller = new EventSourcePoller({
    queue: backend.eventSource(queueUrl),
    invoke,
    maxConcurrency,
    log: (line) => lines.push(line),
  });
  poller.start();
  onTestFinished(() => poller.stop());
  return { poller, lines };
}

/** The function that does as it is told, in its process, and what it has handled. */
async function startTold(queueUrl: string, timeoutMs = 30_000) {
  const directory = await temporaryDirectory();
  const handledFile = join(directory, 'handled');
  await writeFile(handledFile, '');
  const lambda = new LambdaFunction({
    entry: fixture('handler'),
    functionName: 'told',
    timeoutMs,
    environment: { ...process.env, HANDLED_FILE: handledFile },
    logFile: join(directory, 'function.log'),
  });
  onTestFinished(() => lambda.close());
  const events: SQSEvent[] = [];
  const { lines } = startPoller(queueUrl, (event) => {
    events.push(event);
    return lambda.invoke(event);
  });
  return {
    lines,
    recordsOf: (group: string) =>
      events
        .flatMap(({ Records }) => Records)
        .filter(({ attributes }) => attributes.MessageGroupId === group),
    async handled(group: string): Promise<string[]> {
      const all = (await readFile(handledFile, 'utf8')).split('\n');
      return all.filter((line) => line.startsWith(`${group} `)).map((line) => line.slice(group.length + 1));
    },
  };
}

describe('an invocation that fails as a whole', () => {
  test.each([
    ['crash', 'Runtime.ExitError', 30_000],
    ['time out', 'Sandbox.Timedout', 1_000],
    ['throw', 'RangeError: as it was told', 30_000],
    ['answer nonsense', '3 of 3 records reported as failed', 30_000],
    ['name a stranger', '3 of 3 records reported as failed', 30_000],
  ])('%s: all its records stay, and come again in order', async (fault, said, timeoutMs) => {
    const source = await newSource(600);
    await source.send('a', 'first', fault, 'last');
    await source.send('b', 'one', 'two');
    const told = await startTold(source.queueUrl, timeoutMs);

    await eventually(() => expect(told.lines.join('\n')).toContain(said));
    await eventually(async () => expect(await told.handled('b')).toEqual(['one 1', 'two 1']));
    // Hidden, not deleted; the other group is done with.
    await eventually(async () => expect(await source.inFlight()).toBe(3));
    await source.send('a', 'later');
    expect(await source.receiveNow()).toEqual([]);
    expect(await told.handled('a')).toEqual(['first 1']);

    await source.endVisibility(told.recordsOf('a'));
    const again = ['first 2', `${fault} 2`, 'last 2', 'later 1'];
    await eventually(async () => expect(await told.handled('a')).toEqual(['first 1', ...again]));
    expect(await told.handled('b')).toEqual(['one 1', 'two 1']);
    await eventually(async () => expect((await source.inFlight()) + (await source.waiting())).toBe(0));
  });

  test('without help its records come again when their visibility ends', async () => {
    const source = await newSource(1);
    await source.send('a', 'first', 'throw', 'last');
    const told = await startTold(source.queueUrl);
    await eventually(async () =>
      expect(await told.handled('a')).toEqual(['first 1', 'first 2', 'throw 2', 'last 2']),
    );
  });
});

describe('partial failures', () => {
  test('what succeeded is deleted, the rest stays and comes again in order', async () => {
    const source = await newSource(600);
    await source.send('a', 'first', 'fail', 'last');
    const told = await startTold(source.queueUrl);
    await eventually(() => expect(told.lines).toEqual(['event source: 2 of 3 records reported as failed']));
    await eventually(async () => expect(await source.inFlight()).toBe(2));
    // The group waits for them; another one does not.
    await source.send('a', 'later');
    await source.send('b', 'one');
    await eventually(async () => expect(await told.handled('b')).toEqual(['one 1']));
    expect(await told.handled('a')).toEqual(['first 1']);

    await source.endVisibility(told.recordsOf('a').slice(1));
    await eventually(async () =>
      expect(await told.handled('a')).toEqual(['first 1', 'fail 2', 'last 2', 'later 1']),
    );
    await eventually(async () => expect((await source.inFlight()) + (await source.waiting())).toBe(0));
  });
});

describe('batches', () => {
  test('hold up to ten records, in the form that Lambda gives them', async () => {
    const source = await newSource(600);
    await source.send('a', ...Array.from({ length: 12 }, (_, i) => `${i}`));
    const events: SQSEvent[] = [];
    startPoller(source.queueUrl, async (event) => void events.push(event));
    await eventually(() => expect(events.map(({ Records }) => Records.length)).toEqual([10, 2]));
    expect(events.flatMap(({ Records }) => Records.map(({ body }) => Number(body)))).toEqual(
      Array.from({ length: 12 }, (_, i) => i),
    );
    expect(events[0]?.Records[0]).toEqual({
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.stringMatching(/./),
      body: '0',
      attributes: {
        ApproximateReceiveCount: '1',
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.any(String),
        SequenceNumber: expect.stringMatching(/^\d{20}$/),
        MessageGroupId: 'a',
        MessageDeduplicationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
      messageAttributes: {},
      md5OfBody: 'cfcd208495d565ef66e7dff9f98764da',
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${basename(source.queueUrl)}`,
      awsRegion: 'us-east-1',
    });
  });

  test('of different groups run at the same time', async () => {
    const source = await newSource(600);
    await source.send('a', 'meets b');
    await source.send('b', 'meets a');
    const both = Promise.withResolvers<void>();
    let running = 0;
    startPoller(source.queueUrl, () => {
      running += 1;
      if (running === 2) both.resolve();
      return both.promise;
    });
    await both.promise;
    await eventually(async () => expect(await source.inFlight()).toBe(0));
  });

  test('of one group never do, and never more than allowed', async () => {
    const source = await newSource(600);
    const groups = ['a', 'b', 'c', 'd'];
    for (const group of groups) await source.send(group, ...Array.from({ length: 25 }, (_, i) => `${i}`));
    const running: string[] = [];
    const handled = new Map<string, number[]>(groups.map((group) => [group, []]));
    const faults: string[] = [];
    startPoller(
      source.queueUrl,
      async ({ Records }) => {
        const group = Records[0]?.attributes.MessageGroupId ?? '';
        if (running.includes(group)) faults.push(`two invocations of ${group}`);
        running.push(group);
        if (running.length > 3) faults.push(`${running.length} invocations at once`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running.splice(running.indexOf(group), 1);
        for (const { body, attributes } of Records)
          handled.get(attributes.MessageGroupId ?? '')?.push(Number(body));
      },
      3,
    );
    const inOrder = Array.from({ length: 25 }, (_, i) => i);
    await eventually(() => expect([...handled.values()]).toEqual(groups.map(() => inOrder)));
    expect(faults).toEqual([]);
  });
});

describe('the poller', () => {
  test('stops after the invocation under way, and deletes what that handled', async () => {
    const source = await newSource(600);
    await source.send('a', 'one');
    const invoked = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const { poller } = startPoller(source.queueUrl, () => {
      invoked.resolve();
      return finish.promise;
    });
    await invoked.promise;
    const stopping = poller.stop();
    finish.resolve();
    await stopping;
    expect(await source.inFlight()).toBe(0);
    await source.send('a', 'two');
    expect((await source.receiveNow()).map(({ Body }) => Body)).toEqual(['two']);
  });

  test('goes on after the queue could not be reached', async () => {
    const { lines, poller } = startPoller('http://127.0.0.1/000000000000/absent.fifo', async () => {}, 1);
    await eventually(() => expect(lines.length).toBeGreaterThanOrEqual(2));
    expect(lines[0]).toContain('QueueDoesNotExist');
    await poller.stop();
  });
});
