import { createEcsClient, Fleet } from '../cloud/fleet.ts';
import type { StackDeployment } from '../cloud/stack.ts';

/**
 * Wants as many workers of a deployment as a run has shards, beside those that are wanted already.
 *
 * @returns the workers wanted; null where the deployment has none of its own.
 */
export async function wantWorkers(deployment: StackDeployment, shards: number): Promise<number | null> {
  if (deployment.fleet === null) return null;
  const ecs = createEcsClient(deployment);
  try {
    const fleet = new Fleet(ecs, deployment.fleet);
    return await fleet.want(Math.max(shards, (await fleet.status()).desired));
  } finally {
    ecs.destroy();
  }
}
