/**
 * The coordinator Lambda: results and control messages of many runs in, one commit a run. The event source is a FIFO
 * queue whose message group is the run, so that one invocation at a time works on a run.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { connect, deploymentFromEnvironment } from '../../lib/cloud/deployment.ts';
import { eventBusFromEnvironment } from '../../lib/cloud/eventBus.ts';
import { takeBatch } from '../../lib/coordinator/batch.ts';
import { Committer } from '../../lib/coordinator/commit.ts';
import { deliverFailuresSoon } from '../../lib/coordinator/redelivery.ts';

const logger = new Logger({ serviceName: 'coordinator' });
const deployment = deploymentFromEnvironment(process.env);
const { store, tasks, results } = connect(deployment);
const bus = eventBusFromEnvironment(process.env, deployment);
const committer = new Committer(store, tasks, Date.now, bus);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger))
  .handler(async ({ Records }) => {
    const response = await takeBatch(committer, Records, logger);
    await deliverFailuresSoon(results, Records, response).catch((error: unknown) =>
      logger.warn('failed records stay hidden until their time-out', { error: String(error) }),
    );
    return response;
  });
