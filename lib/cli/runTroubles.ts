/** What keeps a run from going on that its state does not tell: dead letters, refused results, workers that do not start. */
import { type DeadLetters, readDeadLetters } from '../client/deadLetters.ts';
import { type RefusedResult, readRefusedResults } from '../client/refusedResults.ts';
import { createEcsClient, Fleet, type FleetLocation, type FleetStatus } from '../cloud/fleet.ts';
import { diagnoseFleet } from '../cloud/fleetDiagnosis.ts';
import type { StackDeployment } from '../cloud/stack.ts';
import type { Place } from './place.ts';

/** Workers of a deployment, and why fewer run than are wanted. */
export interface FleetReport extends FleetStatus {
  /** Reasons of workers that ended lately. */
  readonly stopped: readonly string[];
  readonly diagnosis: string | null;
}

export interface RunTroubles {
  /** null where nobody has the queues open. */
  readonly deadLetters: DeadLetters | null;
  readonly refusedResults: readonly RefusedResult[];
  /** null where the workers are not those of a deployment. */
  readonly fleet: FleetReport | null;
}

/** How the workers of a deployment stand. */
export async function readFleet(deployment: StackDeployment, location: FleetLocation): Promise<FleetReport> {
  const ecs = createEcsClient(deployment);
  try {
    const fleet = new Fleet(ecs, location);
    const [status, stopped] = await Promise.all([fleet.status(), fleet.stoppedReasons()]);
    return { ...status, stopped, diagnosis: diagnoseFleet(status, stopped) };
  } finally {
    ecs.destroy();
  }
}

export async function readTroubles(place: Place, run: string): Promise<RunTroubles> {
  const { connection, deployment, live, stack } = place;
  const [deadLetters, refusedResults, fleet] = await Promise.all([
    live ? readDeadLetters(connection, deployment, run) : null,
    readRefusedResults(connection.store, run),
    stack?.fleet ? readFleet(stack, stack.fleet) : null,
  ]);
  return { deadLetters, refusedResults, fleet };
}
