import { fileURLToPath } from 'node:url';
import { moduleBeside } from '../besideModule.ts';
import {
  type LocalDeployment,
  type LocalDeploymentOptions,
  openLocalDeployment,
} from '../emulator/localDeployment.ts';
import type { EnvironmentError } from '../errors.ts';

const entryPoint = (name: string): string =>
  fileURLToPath(moduleBeside(import.meta.url, `../../functions/${name}/index`));

/** A deployment in a directory of this machine, but for the entry points, which are those of this package. */
export type OwnDeploymentOptions = Omit<
  LocalDeploymentOptions,
  'coordinatorEntry' | 'watchdogEntry' | 'workerEntry'
>;

/**
 * Opens a directory for training by the coordinator, watchdog and worker of this package, does `work` with it, and closes it
 * whatever comes.
 *
 * @throws EnvironmentError as `openLocalDeployment`, and where the machine fails meanwhile: it is told as that, whoever
 *   stumbles over it first.
 */
export async function withOwnDeployment<T>(
  options: OwnDeploymentOptions,
  work: (local: LocalDeployment) => Promise<T>,
): Promise<T> {
  const local = await openLocalDeployment({
    ...options,
    coordinatorEntry: entryPoint('coordinator'),
    watchdogEntry: entryPoint('watchdog'),
    workerEntry: entryPoint('worker'),
  });
  let failed: EnvironmentError | null = null;
  const hopeless = local.failure.then((error) => {
    failed = error;
    throw error;
  });
  try {
    return await Promise.race([work(local), hopeless]);
  } catch (error) {
    throw failed ?? error;
  } finally {
    await local.close();
  }
}
