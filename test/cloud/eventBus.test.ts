import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { EventBridgeBus, eventBusFromEnvironment } from '../../lib/cloud/eventBus.ts';
import { newRunId } from '../../lib/protocol/ids.ts';
import type { RunEnd } from '../../lib/protocol/runEnd.ts';

const deployment = {
  ...{ region: 'us-east-1', endpoint: 'http://127.0.0.1:1', bucket: 'bucket' },
  ...{ tasksQueueUrl: 'http://tasks', resultsQueueUrl: 'http://results' },
};
const end: RunEnd = {
  ...{ schema: 1, run: newRunId('test'), status: 'failed', reason: 'no data', rounds: 0, best: null },
  ...{ costUsd: 0, workerSeconds: 0, submittedAtMs: 1, endedAtMs: 2 },
};

/** A client that is answered so; what is sent to it is kept. */
function answeringBus(entry: object) {
  const sent: object[] = [];
  const client = new EventBridgeClient({ region: 'us-east-1' });
  const answer = async ({ input }: { input: object }) => {
    sent.push(input);
    return { response: {}, output: { Entries: [entry] } };
  };
  const stack = client.middlewareStack as { add(middleware: () => typeof answer, where: object): void };
  stack.add(() => answer, { step: 'initialize', priority: 'high' });
  return { bus: new EventBridgeBus(client, 'default', 'bucket'), sent };
}

test('an end goes out as one event, which says of which deployment it is', async () => {
  const { bus, sent } = answeringBus({ EventId: '1' });
  await bus.runEnded(end);
  expect(sent).toEqual([
    {
      Entries: [
        {
          ...{ EventBusName: 'default', Source: 'padmm', DetailType: 'Run ended' },
          Detail: JSON.stringify({ ...end, bucket: 'bucket' }),
        },
      ],
    },
  ]);
});

test('an event that is refused inside an answer of success is an error', async () => {
  const { bus } = answeringBus({ ErrorCode: 'InternalFailure', ErrorMessage: 'try again' });
  await expect(bus.runEnded(end)).rejects.toThrow(
    `event bus default: expected it to take the end of ${end.run}, received InternalFailure try again`,
  );
});

test('where no bus is named, nobody is told', () => {
  expect(eventBusFromEnvironment({}, deployment)).toBeNull();
  expect(eventBusFromEnvironment({ PADMM_EVENT_BUS: 'default' }, deployment)).toBeInstanceOf(EventBridgeBus);
});
