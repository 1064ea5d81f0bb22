import { fileURLToPath } from 'node:url';
import { moduleBeside } from '../besideModule.ts';
import {
  type LocalDeployment,
  type LocalDeploymentOptions,
  openLocalDeployment,
} from '../emulator/localDeployment.ts';

const entryPoint = (name: string): string =>
  fileURLToPath(moduleBeside(import.meta.url, `../../functions/${name}/index`));

/**
 * Opens a directory for training by the coordinator, watchdog and worker of this package.
 *
 * @throws EnvironmentError as `openLocalDeployment`.
 */
export function openOwnDeployment(
  options: Omit<LocalDeploymentOptions, 'coordinatorEntry' | 'watchdogEntry' | 'workerEntry'>,
): Promise<LocalDeployment> {
  return openLocalDeployment({
    ...options,
    coordinatorEntry: entryPoint('coordinator'),
    watchdogEntry: entryPoint('watchdog'),
    workerEntry: entryPoint('worker'),
  });
}
