import type { FleetStatus } from './fleet.ts';

/** What ECS says where workers cannot start, and what mends it (Amazon ECS: "Service event messages", "Stopped tasks"). */
const CAUSES: readonly { readonly says: RegExp; readonly cause: string }[] = [
  {
    says: /CannotPull|pull image|manifest unknown|image.*not found/i,
    cause: "the worker's image cannot be pulled: look at the CodeBuild project, or at -c workerImage=URI",
  },
  {
    says: /capacity is unavailable|SpotInterruption|InsufficientInstanceCapacity|UnfulfillableCapacity/i,
    cause: 'no Spot capacity: wait, deploy with more -c instanceTypes, or with -c onDemandPercent=100',
  },
  {
    says: /unable to place a task|no container instance/i,
    cause:
      'no instance has joined the cluster: no Spot capacity, or a vCPU quota of zero (padmm doctor --stack)',
  },
  {
    says: /OutOfMemory|exit code: 137/i,
    cause: 'workers need more memory: smaller batches, or -c cpu with more units',
  },
];

/**
 * Why fewer workers run than are wanted; null where none is missing, or ECS gives no reason that is known.
 *
 * @param stopped reasons of workers that ended lately.
 */
export function diagnoseFleet(
  { desired, running, events }: FleetStatus,
  stopped: readonly string[],
): string | null {
  if (desired === 0) {
    return 'no workers are wanted: the watchdog wants them within a minute where a run has tasks out';
  }
  if (running >= desired) return null;
  const said = [...stopped, ...events];
  return CAUSES.find(({ says }) => said.some((text) => says.test(text)))?.cause ?? null;
}
