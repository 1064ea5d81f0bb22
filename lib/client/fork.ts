import type { ObjectStore } from '../cloud/objectStore.ts';
import { sha256Hex } from '../codec/digest.ts';
import { decodeSafetensors } from '../codec/safetensors.ts';
import { loadState } from '../coordinator/stateObject.ts';
import { IntegrityError, UsageError } from '../errors.ts';
import { runKeys } from '../protocol/keys.ts';
import type { RunState } from '../protocol/state.ts';
import {
  type Destination,
  prepareRun,
  type SubmitOptions,
  type Submitted,
  submitPrepared,
} from './submit.ts';

export interface ForkOptions extends SubmitOptions {
  /** The run to begin from. */
  readonly run: string;
  /** Its version; the best by validation loss where none is given. */
  readonly version?: number;
}

function chosenVersion({ run, versions, evaluations, version: newest }: RunState, asked: number | undefined) {
  const version = asked ?? evaluations.best?.version ?? newest;
  const entry = versions[version];
  if (entry !== undefined) return entry;
  const kept = Object.keys(versions).join(', ');
  throw new UsageError(`version of ${run}: expected one that is kept (${kept}), received ${version}`);
}

async function readParameters(store: ObjectStore, state: RunState, asked: number | undefined) {
  const { version, commitId, digest } = chosenVersion(state, asked);
  const key = runKeys(state.run).consensus(version, commitId);
  const object = await store.get(key);
  const received = object === null ? 'no object' : sha256Hex(object.body);
  if (object === null || received !== digest) {
    throw new IntegrityError(key, { field: 'SHA-256', expected: digest, received });
  }
  return decodeSafetensors(object.body, key).tensors;
}

/**
 * Submits a run that begins from z of a version of another, under a config of its own. Its duals begin at zero: they
 * belong to the shards and penalties of the run that they come from. The new run refers to nothing of the old one.
 *
 * @throws UnknownRunError or UsageError where the run or its version is not stored; ConfigError where the config is for a
 * network of other shapes; and as `submitRun`.
 */
export async function forkRun(destination: Destination, options: ForkOptions): Promise<Submitted> {
  const { state } = await loadState(destination.store, options.run);
  const initial = await readParameters(destination.store, state, options.version);
  return submitPrepared(destination, options.config, await prepareRun(options), { initial });
}
