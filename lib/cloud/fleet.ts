/**
 * How many workers are wanted: the desired count of one ECS service.
 *
 * Source: Amazon ECS API Reference, UpdateService, DescribeServices, ListTasks and DescribeTasks.
 */
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import * as z from 'zod';
import { describeMismatches, EnvironmentError } from '../errors.ts';
import { mismatchesOf } from '../protocol/validate.ts';
import { type ClientOptions, clientConfiguration } from './clients.ts';
import { CloudError } from './cloudError.ts';

/** Where the workers of a deployment are. */
export interface FleetLocation {
  readonly cluster: string;
  readonly service: string;
  /** Most workers at once. */
  readonly maxWorkers: number;
}

/** How many workers are wanted and there, and what ECS last said about it, the newest first. */
export interface FleetStatus {
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  readonly events: readonly string[];
}

const SHOWN_EVENTS = 5;

export class Fleet {
  readonly #ecs: ECSClient;
  readonly #location: FleetLocation;

  constructor(ecs: ECSClient, location: FleetLocation) {
    this.#ecs = ecs;
    this.#location = location;
  }

  /** @throws CloudError where there is no such service. */
  async status(): Promise<FleetStatus> {
    const { cluster, service } = this.#location;
    const { services = [] } = await this.#ecs.send(
      new DescribeServicesCommand({ cluster, services: [service] }),
    );
    const [found] = services;
    if (found === undefined) {
      throw new CloudError(`cluster ${cluster}: expected a service ${service}, received none`);
    }
    return {
      desired: found.desiredCount ?? 0,
      running: found.runningCount ?? 0,
      pending: found.pendingCount ?? 0,
      events: (found.events ?? []).slice(0, SHOWN_EVENTS).flatMap(({ message }) => message ?? []),
    };
  }

  /** Why workers ended that ended lately, each reason once; ECS tells of them for about an hour. */
  async stoppedReasons(): Promise<string[]> {
    const { cluster, service: serviceName } = this.#location;
    const { taskArns: tasks = [] } = await this.#ecs.send(
      new ListTasksCommand({ cluster, serviceName, desiredStatus: 'STOPPED' }),
    );
    if (tasks.length === 0) return [];
    const described = await this.#ecs.send(new DescribeTasksCommand({ cluster, tasks }));
    const reasons = (described.tasks ?? []).flatMap(({ stoppedReason, containers = [] }) =>
      [stoppedReason, ...containers.map(({ reason }) => reason)].filter((reason) => reason !== undefined),
    );
    return [...new Set(reasons)];
  }

  /** Wants `workers`, or as many as the deployment allows. Gives how many that is. */
  async want(workers: number): Promise<number> {
    const { cluster, service, maxWorkers } = this.#location;
    const desiredCount = Math.min(workers, maxWorkers);
    const { desired } = await this.status();
    if (desired !== desiredCount) {
      await this.#ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
    }
    return desiredCount;
  }
}

/** Of a region, or of an emulator. The caller destroys it. */
export const createEcsClient = (options: ClientOptions): ECSClient =>
  new ECSClient(clientConfiguration(options));

/** Variables that carry a fleet to the watchdog; without the first, workers run elsewhere. */
const locationSchema = z.object({
  PADMM_SERVICE: z.string().min(1),
  PADMM_CLUSTER: z.string().min(1),
  PADMM_MAX_WORKERS: z.coerce.number().int().min(1),
});

/**
 * The fleet that environment variables describe, or null where they describe none.
 *
 * @throws EnvironmentError naming every variable that is wrong.
 */
export function fleetFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  options: ClientOptions,
): Fleet | null {
  if (environment.PADMM_SERVICE === undefined) return null;
  const parsed = locationSchema.safeParse(environment);
  if (!parsed.success) {
    throw new EnvironmentError(describeMismatches('environment', mismatchesOf(parsed.error, environment)));
  }
  const { PADMM_SERVICE: service, PADMM_CLUSTER: cluster, PADMM_MAX_WORKERS: maxWorkers } = parsed.data;
  return new Fleet(createEcsClient(options), { cluster, service, maxWorkers });
}
