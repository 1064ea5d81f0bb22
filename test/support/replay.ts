/** A run once more, in one process, with what its history says came in when. */
import { submitPrepared } from '../../lib/client/submit.ts';
import { MeteredObjectStore } from '../../lib/cloud/meteredObjectStore.ts';
import { Committer } from '../../lib/coordinator/commit.ts';
import { loadState } from '../../lib/coordinator/stateObject.ts';
import type { PreparedDataset } from '../../lib/data/prepare.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import { type Task, taskSchema } from '../../lib/protocol/messages.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import type { Backend } from '../../lib/tensors/backend.ts';
import { type Executor, execute } from '../../lib/worker/execute.ts';
import { Workspace } from '../../lib/worker/workspace.ts';
import { MemoryObjectStore, MemoryTaskQueue } from './memoryCloud.ts';

/** A contribution that was taken in: whose, and from which version it was solved. */
export interface TakeIn {
  readonly shard: number;
  readonly version: number;
}

class Replay {
  readonly #store = new MemoryObjectStore();
  readonly #tasks = new MemoryTaskQueue();
  readonly #committer = new Committer(this.#store, this.#tasks);
  readonly #executor: Executor;
  readonly #solves = new Map<string, Task>();

  constructor(backend: Backend) {
    const meter = new MeteredObjectStore(this.#store);
    const worker = { id: 'replay', fingerprint: backend.fingerprint };
    this.#executor = { meter, worker, workspace: new Workspace(meter, backend) };
  }

  /** Puts subproblems aside until their turn; what is to be measured is measured, until nothing more is asked. */
  async #answerEvaluations(run: string): Promise<void> {
    for (let message = await this.#tasks.receive(); message; message = await this.#tasks.receive()) {
      const task = taskSchema.parse(JSON.parse(message.body));
      if (task.kind === 'solve') this.#solves.set(`${task.shard} ${task.version}`, task);
      else await this.#committer.take(run, [await execute(this.#executor, task)]);
    }
  }

  async run(config: RunConfig, prepared: PreparedDataset, order: readonly (readonly TakeIn[])[]) {
    const { run } = await submitPrepared({ store: this.#store, tasks: this.#tasks }, config, prepared);
    await this.#answerEvaluations(run);
    for (const takeIns of order) {
      const events = [];
      for (const { shard, version } of takeIns) {
        const task = this.#solves.get(`${shard} ${version}`);
        if (task === undefined) throw new Error(`shard ${shard} was not asked from version ${version}`);
        events.push(await execute(this.#executor, task));
        this.#executor.workspace.trim();
      }
      await this.#committer.take(run, events);
      await this.#answerEvaluations(run);
    }
    this.#executor.workspace.clear();
    return (await loadState(this.#store, run)).state;
  }
}

/**
 * Solves and takes in the same contributions in the same order.
 *
 * @param order what each consensus update took in, as the arrivals of the history's rounds say it.
 */
export const replay = (
  backend: Backend,
  config: RunConfig,
  prepared: PreparedDataset,
  order: readonly (readonly TakeIn[])[],
): Promise<RunState> => new Replay(backend).run(config, prepared, order);
