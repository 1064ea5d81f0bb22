/**
 * Forms single blocks of folds. It holds no state and owns none: it looks whether the block is still wanted, forms it from
 * the plan, stores it under its digest, and tells the run. Done twice it does the same, so a job may come any number of
 * times.
 */
import { getJson } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import type { ResultQueue } from '../cloud/queues.ts';
import { type RunConfig, runConfigSchema } from '../protocol/config.ts';
import { newNonce } from '../protocol/ids.ts';
import { runKeys } from '../protocol/keys.ts';
import type { Folded, FoldJob, FormedBlock, Unfolded } from '../protocol/messages.ts';
import { setAside, UnusableContribution } from './contributions.ts';
import { type FoldContext, formPart } from './fold.ts';
import { formAveragePart } from './formAverage.ts';
import { ParameterMemory } from './memory.ts';
import { readPlan } from './plans.ts';
import { loadState, UnknownRunError } from './stateObject.ts';

/** z, z̃ and the remainder of two versions, of the block that a process was last asked for. */
const MEMORY_CAPACITY = 6;

async function formBlock(context: FoldContext, job: FoldJob): Promise<FormedBlock> {
  const plan = await readPlan(context, job);
  if (plan.kind === 'round') {
    const { sums, checksums: _, ...formed } = await formPart(context, plan.request);
    return { ...formed, sums: [...sums] };
  }
  const { digest, length } = await formAveragePart(context, plan.request);
  return { digest, broadcastDigest: null, remainderDigest: null, length, sums: [] };
}

export class Folder {
  readonly #store: ObjectStore;
  readonly #results: ResultQueue;
  readonly #memory = new ParameterMemory(MEMORY_CAPACITY);

  constructor(store: ObjectStore, results: ResultQueue) {
    this.#store = store;
    this.#results = results;
  }

  /**
   * Forms a block and reports it to the run. When it resolves, the job may be acknowledged.
   *
   * @throws UnknownRunError where the run is gone; IntegrityError where a version is damaged; SDK errors.
   */
  async fold(job: FoldJob): Promise<void> {
    if (!(await this.#isWanted(job))) return;
    const answer = await this.#answer(job, await this.#config(job.run));
    await this.#results.send(job.run, JSON.stringify(answer), answer.nonce);
  }

  async #answer(job: FoldJob, config: RunConfig): Promise<Folded | Unfolded> {
    const { schema, run, version, commitId, block } = job;
    const part = { count: config.consensus.blocks, index: block };
    const context = { store: this.#store, run, config, commitId, memory: this.#memory, part };
    const head = { schema, run, version, commitId, block, nonce: newNonce() };
    try {
      return { ...head, kind: 'folded', formed: await formBlock(context, job) };
    } catch (error) {
      if (!(error instanceof UnusableContribution)) throw error;
      await setAside(context, error);
      const { shard, contribution, reason: cause, message: reason } = error;
      return {
        ...head,
        kind: 'unfolded',
        contribution: { shard, version: contribution.version, cause, reason },
      };
    }
  }

  /** Whether the run still waits for this block of this fold. */
  async #isWanted({ run, commitId, block }: FoldJob): Promise<boolean> {
    const { state } = await loadState(this.#store, run);
    return state.fold?.commitId === commitId && state.fold.blocks[block]?.formed === null;
  }

  async #config(run: string): Promise<RunConfig> {
    const stored = await getJson(this.#store, runKeys(run).config, runConfigSchema);
    if (stored === null) throw new UnknownRunError(run);
    return stored.value;
  }
}
