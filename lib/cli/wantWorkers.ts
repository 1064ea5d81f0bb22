import { createEcsClient, Fleet } from '../cloud/fleet.ts';
import type { StackDeployment } from '../cloud/stack.ts';
import { note } from './output.ts';

/** Wants as many workers as a run has shards, beside those that are wanted already; the watchdog takes over. */
export async function wantWorkers(deployment: StackDeployment, shards: number): Promise<void> {
  if (deployment.fleet === null) return note('the deployment has no workers of its own: start them yourself');
  const ecs = createEcsClient(deployment);
  try {
    const fleet = new Fleet(ecs, deployment.fleet);
    const wanted = await fleet.want(Math.max(shards, (await fleet.status()).desired));
    note(`${wanted} workers wanted`);
  } finally {
    ecs.destroy();
  }
}
