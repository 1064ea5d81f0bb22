import { EnvironmentError } from '../errors.ts';
import { type Backend, backendNames, loadBackend } from '../tensors/backend.ts';

const VARIABLE = 'PADMM_BACKEND';

/**
 * The backend for what one command computes, with one thread: the one that PADMM_BACKEND names, as for workers, else
 * the best that is there.
 *
 * @throws EnvironmentError where there is none of that name, or it does not load.
 */
export async function inferenceBackend(): Promise<Backend> {
  const wanted = process.env[VARIABLE];
  if (!wanted) return loadBackend({ threads: 1 });
  const prefer = backendNames.find((name) => name === wanted);
  if (prefer !== undefined) return loadBackend({ threads: 1, prefer });
  throw new EnvironmentError(
    `${VARIABLE}: expected ${backendNames.join(', ')}, received ${JSON.stringify(wanted)}`,
  );
}
