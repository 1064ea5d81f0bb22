/**
 * The watchdog Lambda, once a minute: what was lost is sent again, slow shards get a second worker, limits are kept. It
 * shares `advance` and the compare-and-swap with the coordinator, so that it may run beside it.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import { connect, deploymentFromEnvironment } from '../../lib/cloud/deployment.ts';
import { eventBusFromEnvironment } from '../../lib/cloud/eventBus.ts';
import { fleetFromEnvironment } from '../../lib/cloud/fleet.ts';
import { foldQueueFromEnvironment } from '../../lib/cloud/foldQueue.ts';
import { Committer } from '../../lib/coordinator/commit.ts';
import { Patrol } from '../../lib/coordinator/patrol.ts';

const logger = new Logger({ serviceName: 'watchdog' });
const deployment = deploymentFromEnvironment(process.env);
const { store, tasks, clients } = connect(deployment);
const bus = eventBusFromEnvironment(process.env, deployment);
const folds = foldQueueFromEnvironment(process.env, clients.sqs);
const patrol = new Patrol({
  ...{ store, tasks, logger, committer: new Committer(store, tasks, Date.now, bus, folds) },
  fleet: fleetFromEnvironment(process.env, deployment),
});

export const handler = middy<ScheduledEvent, void>()
  .use(injectLambdaContext(logger))
  .handler(() => patrol.round());
