/** Listens on the deployment's event bus, as a rule of anybody's would. */
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { ClientOptions } from '../../lib/cloud/clients.ts';
import { clientConfiguration } from '../../lib/cloud/clients.ts';
import { EVENT_SOURCE, RUN_ENDED } from '../../lib/cloud/eventNames.ts';
import { type RunEnd, runEndSchema } from '../../lib/protocol/runEnd.ts';

const NAME = 'run-ends';
const LONG_POLL_SECONDS = 20;
const eventSchema = z.object({
  source: z.literal(EVENT_SOURCE),
  'detail-type': z.literal(RUN_ENDED),
  detail: runEndSchema.extend({ bucket: z.string() }),
});

/** Makes a queue that takes the ends of runs; gives what waits for the next one. */
export async function listenForRunEnds(
  sqs: SQSClient,
  options: ClientOptions,
): Promise<() => Promise<RunEnd & { bucket: string }>> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: NAME }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const events = new EventBridgeClient(clientConfiguration(options));
  try {
    const EventPattern = JSON.stringify({ source: [EVENT_SOURCE], 'detail-type': [RUN_ENDED] });
    await events.send(new PutRuleCommand({ Name: NAME, EventPattern }));
    await events.send(
      new PutTargetsCommand({ Rule: NAME, Targets: [{ Id: NAME, Arn: Attributes?.QueueArn }] }),
    );
  } finally {
    events.destroy();
  }
  return async () => {
    const { Messages: [message] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: LONG_POLL_SECONDS }),
    );
    if (message === undefined) throw new Error(`no run's end came within ${LONG_POLL_SECONDS} s`);
    return eventSchema.parse(JSON.parse(message.Body ?? '')).detail;
  };
}
