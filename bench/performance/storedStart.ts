/** What the workers of a run would begin from. */
import type { ObjectStore } from '../../lib/cloud/objectStore.ts';
import { checksumHex } from '../../lib/codec/checksum.ts';
import { runKeys } from '../../lib/protocol/keys.ts';

/** z_0 as it is stored, and what a contribution of the same bytes is known by: it serves as every contribution where none is solved. */
export async function readInitial(store: ObjectStore, run: string) {
  for await (const { key } of store.list(runKeys(run).consensusPrefix)) {
    const object = await store.get(key);
    if (object !== null) return { body: object.body, digest: checksumHex(object.body) };
  }
  throw new Error(`run ${run}: expected z_0, received nothing`);
}
