/**
 * The coordinator Lambda, with two event sources. Results and control messages of many runs come in from a FIFO queue whose
 * message group is the run, so that one invocation at a time works on a run, and each run is committed once. Blocks of
 * folds are asked for in a FIFO queue of their own, one a message and an invocation.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { connect, deploymentFromEnvironment } from '../../lib/cloud/deployment.ts';
import { eventBusFromEnvironment } from '../../lib/cloud/eventBus.ts';
import { foldQueueFromEnvironment } from '../../lib/cloud/foldQueue.ts';
import { letHeapAndBuffersGrow } from '../../lib/cloud/heapGrowth.ts';
import { takeBatch } from '../../lib/coordinator/batch.ts';
import { Committer } from '../../lib/coordinator/commit.ts';
import { takeFolds } from '../../lib/coordinator/foldBatch.ts';
import { Folder } from '../../lib/coordinator/folder.ts';
import { BLOCK_GROUP } from '../../lib/coordinator/outbox.ts';
import { deliverFailuresSoon } from '../../lib/coordinator/redelivery.ts';

letHeapAndBuffersGrow('coordinator');
const logger = new Logger({ serviceName: 'coordinator' });
const deployment = deploymentFromEnvironment(process.env);
const { store, tasks, results, clients } = connect(deployment);
const bus = eventBusFromEnvironment(process.env, deployment);
const folds = foldQueueFromEnvironment(process.env, clients.sqs);
const committer = new Committer(store, tasks, Date.now, bus, folds);
const folder = new Folder(store, results);

/** A batch comes from one queue; that of the folds is told by its messages' groups, which name a block. */
const areFolds = ([record]: readonly SQSRecord[]): boolean =>
  record?.attributes.MessageGroupId?.includes(BLOCK_GROUP) ?? false;

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger))
  .handler(async ({ Records }) => {
    const [response, queue] = areFolds(Records)
      ? [await takeFolds(folder, Records, logger), folds]
      : [await takeBatch(committer, Records, logger), results];
    await deliverFailuresSoon(queue, Records, response).catch((error: unknown) =>
      logger.warn('failed records stay hidden until their time-out', { error: String(error) }),
    );
    return response;
  });
