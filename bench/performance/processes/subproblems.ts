/** Subproblems as a worker solves them, one after another: each starts from what the last one gave. */
import type { RunConfig } from '../../../lib/protocol/config.ts';
import type { DatasetManifest } from '../../../lib/protocol/dataset.ts';
import { newCommitId, newRunId } from '../../../lib/protocol/ids.ts';
import { PROTOCOL_VERSION, type SolveTask } from '../../../lib/protocol/messages.ts';
import { initialPenalties, resolveConfig } from '../../../lib/protocol/resolve.ts';
import type { Network } from '../../../lib/rnn/network.ts';
import {
  disposeParameters,
  downloadParameters,
  mapParameters,
  type ParameterSet,
} from '../../../lib/tensors/parameters.ts';
import type { PartTensors } from '../../../lib/worker/partTensors.ts';
import { solve } from '../../../lib/worker/solve.ts';
import type { RunContext } from '../../../lib/worker/workspace.ts';

const UNUSED_DIGEST = '0'.repeat(64);

function taskOf({ run, config }: RunContext, version: number, stepLength: number): SolveTask {
  const from = { version, commitId: newCommitId(), digest: UNUSED_DIGEST, broadcastDigest: null };
  return {
    ...{ schema: PROTOCOL_VERSION, kind: 'solve', run, version, shard: 0, attempt: 0, from, dual: null },
    ...{ penalty: initialPenalties(config), stepLength, keepsConsensus: false },
  };
}

/** Solves the task of a version, with a dual of its own: zero where there is one shard, as every later round has. */
function solveVersion(
  context: RunContext,
  part: PartTensors,
  broadcast: ParameterSet,
  { version, stepLength }: Pick<SolveTask, 'version' | 'stepLength'>,
) {
  const dual = mapParameters((name) => context.network.backend.tf.zerosLike(broadcast[name]));
  return solve(context, taskOf(context, version, stepLength), { part, broadcast, dual });
}

function contextOf(network: Network, manifest: DatasetManifest, given: RunConfig): RunContext {
  const config = resolveConfig(given, manifest.shape);
  return { run: newRunId(config.name), config, manifest, network };
}

/**
 * Solves without end what a run of one shard asks of its worker; yields the samples of each subproblem's batch.
 *
 * @param initial z_0; copied.
 */
export function* solveSubproblems(
  network: Network,
  manifest: DatasetManifest,
  given: RunConfig,
  part: PartTensors,
  initial: ParameterSet,
): Generator<number, never, undefined> {
  const context = contextOf(network, manifest, given);
  let broadcast = mapParameters((name) => initial[name].clone());
  let stepLength = 1;
  for (let version = 0; ; version += 1) {
    const { contribution, figures } = solveVersion(context, part, broadcast, { version, stepLength });
    disposeParameters(broadcast);
    broadcast = contribution;
    stepLength = figures.subproblem?.stepLength ?? 1;
    yield figures.batchSamples;
  }
}

/** θ − z_0 of the first subproblem, all parameters in one. */
export function firstStep(
  network: Network,
  manifest: DatasetManifest,
  given: RunConfig,
  part: PartTensors,
  initial: ParameterSet,
): Float32Array<ArrayBuffer> {
  const context = contextOf(network, manifest, given);
  const { contribution } = solveVersion(context, part, initial, { version: 0, stepLength: 1 });
  const step = mapParameters((name) => network.backend.tf.sub(contribution[name], initial[name]));
  const values = [...downloadParameters(step).values()].flatMap(({ data }) => [...data]);
  for (const set of [contribution, step]) disposeParameters(set);
  return Float32Array.from(values);
}
