import { Stack } from 'aws-cdk-lib';
import { EVENT_SOURCE, RUN_ENDED } from '../lib/cloud/eventNames.ts';
import { allow } from './allow.ts';
import type { NodeFunction } from './nodeFunction.ts';

/** The account's own bus, on which rules of anybody's can listen. */
const BUS = 'default';

/** Lets a function tell of runs that have ended, on the account's default event bus, and say nothing else there. */
export function letTellOfRuns({ function: handler, role }: NodeFunction): void {
  handler.addEnvironment('PADMM_EVENT_BUS', BUS);
  allow(role, {
    actions: ['events:PutEvents'],
    resources: [Stack.of(role).formatArn({ service: 'events', resource: 'event-bus', resourceName: BUS })],
    conditions: { StringEquals: { 'events:source': EVENT_SOURCE, 'events:detail-type': RUN_ENDED } },
  });
}
