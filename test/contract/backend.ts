/** What a contract suite runs against: an S3 and an SQS, empty or shared, reached by clients of this project. */
import { randomUUID } from 'node:crypto';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { CloudClients } from '../../lib/cloud/clients.ts';

export interface Backend {
  readonly clients: CloudClients;
  close(): Promise<void>;
}

export type OpenBackend = () => Promise<Backend>;

/** A bucket that no other test knows. */
export async function newBucket({ s3 }: CloudClients): Promise<string> {
  const Bucket = `contract-${randomUUID()}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

export interface NewQueues {
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
}

export interface QueueOptions {
  readonly fifo?: boolean;
  readonly visibilitySeconds?: number;
  readonly maxReceiveCount?: number;
}

/** A queue that no other test knows, and its dead-letter queue. */
export async function newQueues({ sqs }: CloudClients, options: QueueOptions): Promise<NewQueues> {
  const { fifo = false, visibilitySeconds = 30, maxReceiveCount = 10 } = options;
  const name = randomUUID();
  const create = async (suffix: string, attributes: Record<string, string>): Promise<string> => {
    const command = new CreateQueueCommand({
      QueueName: `${name}${suffix}${fifo ? '.fifo' : ''}`,
      Attributes: { ...attributes, ...(fifo ? { FifoQueue: 'true' } : {}) },
    });
    return (await sqs.send(command)).QueueUrl ?? '';
  };
  const deadLetterUrl = await create('-dead', {});
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['QueueArn'] }),
  );
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount });
  const queueUrl = await create('', { VisibilityTimeout: String(visibilitySeconds), RedrivePolicy });
  return { queueUrl, deadLetterUrl };
}
