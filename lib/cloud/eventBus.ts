/**
 * Where a deployment tells that a run has ended, for whoever wants to know: a rule on the bus picks the events out.
 *
 * Source: Amazon EventBridge API Reference, PutEvents.
 */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { RunEnd } from '../protocol/runEnd.ts';
import { clientConfiguration } from './clients.ts';
import { CloudError } from './cloudError.ts';
import type { Deployment } from './deployment.ts';
import { EVENT_SOURCE, RUN_ENDED } from './eventNames.ts';

/** Tells of runs. */
export interface EventBus {
  /** Rejects where it was not taken. */
  runEnded(end: RunEnd): Promise<void>;
}

export class EventBridgeBus implements EventBus {
  readonly #client: EventBridgeClient;
  readonly #busName: string;
  readonly #bucket: string;

  /** @param bucket tells deployments apart: it goes into every event. */
  constructor(client: EventBridgeClient, busName: string, bucket: string) {
    this.#client = client;
    this.#busName = busName;
    this.#bucket = bucket;
  }

  /** @throws CloudError with the reason where EventBridge refuses the event. */
  async runEnded(end: RunEnd): Promise<void> {
    const { Entries: [entry] = [] } = await this.#client.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: this.#busName,
            Source: EVENT_SOURCE,
            DetailType: RUN_ENDED,
            Detail: JSON.stringify({ ...end, bucket: this.#bucket }),
          },
        ],
      }),
    );
    if (entry?.EventId !== undefined) return;
    throw new CloudError(
      `event bus ${this.#busName}: expected it to take the end of ${end.run}, received ${entry?.ErrorCode} ${entry?.ErrorMessage ?? ''}`,
    );
  }
}

/** The bus that PADMM_EVENT_BUS names; null where there is none, and nobody is told. */
export function eventBusFromEnvironment(
  { PADMM_EVENT_BUS }: Readonly<Record<string, string | undefined>>,
  deployment: Deployment,
): EventBus | null {
  if (!PADMM_EVENT_BUS) return null;
  const client = new EventBridgeClient(clientConfiguration(deployment));
  return new EventBridgeBus(client, PADMM_EVENT_BUS, deployment.bucket);
}
