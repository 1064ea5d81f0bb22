import { beforeAll, describe } from 'vitest';
import {
  availableBackends,
  type Backend,
  type BackendName,
  backendNames,
  loadBackend,
} from '../../lib/tensors/backend.ts';
import { requirement } from './requirement.ts';

const available = await availableBackends();

/** Why tfjs-node does not load here; the other backends come with the project, and simply have to. */
const missing = available.find(({ name }) => name === 'tensorflow')?.reason ?? null;

/** Runs a suite on each of the backends, set before its tests; `backend` may be called within them. */
export function describeOnBackends(
  title: string,
  suite: (backend: () => Backend) => void,
  names: readonly BackendName[] = backendNames,
): void {
  for (const name of names) {
    const titleHere = `${title}, on ${name}`;
    if (name === 'tensorflow' && missing !== null) {
      requirement('tfjs-node', missing)(titleHere, () => {});
      continue;
    }
    describe(titleHere, () => {
      let loaded: Backend;
      beforeAll(async () => {
        loaded = await loadBackend({ threads: 1, prefer: name });
      });
      suite(() => loaded);
    });
  }
}
