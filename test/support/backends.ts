import { beforeAll, describe } from 'vitest';
import { type Backend, type BackendName, backendNames, loadBackend } from '../../lib/tensors/backend.ts';

/** The npm package behind a backend, as PADMM_REQUIRE names it. */
const PACKAGES: Record<BackendName, string> = {
  tensorflow: 'tfjs-node',
  wasm: 'tfjs-backend-wasm',
  cpu: 'tfjs-backend-cpu',
};

const required = (process.env.PADMM_REQUIRE ?? '').split(',');

/** Only tfjs-node may be missing; where it is and nobody requires it, its tests are skipped. */
async function maySkip(name: BackendName): Promise<boolean> {
  if (name !== 'tensorflow' || required.includes(PACKAGES[name])) return false;
  return loadBackend({ threads: 1, prefer: name }).then(
    () => false,
    () => true,
  );
}

const skipped = new Set<BackendName>();
for (const name of backendNames) if (await maySkip(name)) skipped.add(name);

/** Runs a suite on each of the backends, set before its tests; `backend` may be called within them. */
export function describeOnBackends(
  title: string,
  suite: (backend: () => Backend) => void,
  names: readonly BackendName[] = backendNames,
): void {
  for (const name of names) {
    describe.skipIf(skipped.has(name))(`${title}, on ${PACKAGES[name]}`, () => {
      let loaded: Backend;
      beforeAll(async () => {
        loaded = await loadBackend({ threads: 1, prefer: name });
      });
      suite(() => loaded);
    });
  }
}
