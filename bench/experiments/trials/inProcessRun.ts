/**
 * A whole run in one process: the real submission, workers' tasks and coordinator, around a store and a queue in memory.
 * It gives the bytes that the same config gives on processes or in the cloud, without what they cost to start.
 */

import { submitPrepared } from '../../../lib/client/submit.ts';
import { MemoryObjectStore } from '../../../lib/cloud/memoryObjectStore.ts';
import { MemoryTaskQueue } from '../../../lib/cloud/memoryTaskQueue.ts';
import { MeteredObjectStore } from '../../../lib/cloud/meteredObjectStore.ts';
import { Committer } from '../../../lib/coordinator/commit.ts';
import { loadState } from '../../../lib/coordinator/stateObject.ts';
import type { PreparedDataset } from '../../../lib/data/prepare.ts';
import { type RunView, readRun } from '../../../lib/observe/runView.ts';
import type { RunConfig } from '../../../lib/protocol/config.ts';
import { newNonce } from '../../../lib/protocol/ids.ts';
import { PROTOCOL_VERSION, type SolveTask, type Task, taskSchema } from '../../../lib/protocol/messages.ts';
import type { Backend } from '../../../lib/tensors/backend.ts';
import { type Answer, type Executor, execute } from '../../../lib/worker/execute.ts';
import { cpuMs } from './cpuTime.ts';
import { DampedWorkspace } from './dampedWorkspace.ts';
import { EventTimes } from './eventTimes.ts';

const MIB = 2 ** 20;
const MEMORY = { partsBytes: 1024 * MIB, parametersBytes: 256 * MIB };

/** How long subproblems take, where time is simulated. */
export interface SimulatedTime {
  /** Milliseconds from the dispatch of a subproblem to its answer. */
  durationMs(task: SolveTask): number;
  /** When the run is stopped. */
  readonly untilMs: number;
  /** Share of its step that an answer of so much staleness goes; all of it without. */
  damping?(staleness: number): number;
}

export interface InProcessRun {
  readonly view: RunView;
  readonly store: MemoryObjectStore;
}

/** Time of the run's clock: the CPU time that training took, or the simulated one. Measurements take none. */
class TrainingClock {
  readonly #simulated: boolean;
  #ms = 0;

  constructor(simulated: boolean) {
    this.#simulated = simulated;
  }

  get nowMs(): number {
    return Math.round(this.#ms);
  }

  /** Simulated time goes on to `ms`. */
  advanceTo(ms: number): void {
    if (this.#simulated) this.#ms = ms;
  }

  /** Does a piece of training; unless time is simulated, what it takes counts. */
  async training<T>(work: () => Promise<T>): Promise<T> {
    const startMs = cpuMs();
    const result = await work();
    if (!this.#simulated) this.#ms += cpuMs() - startMs;
    return result;
  }
}

/** One run on its way: tasks are done in the order in which they would end. */
class Driver {
  readonly #executor: Executor & { readonly workspace: DampedWorkspace };
  readonly #store: MemoryObjectStore;
  readonly #committer: Committer;
  readonly #queue: MemoryTaskQueue;
  readonly #clock: TrainingClock;
  readonly #time: SimulatedTime | null;
  readonly #pending = new EventTimes<SolveTask>();

  constructor(
    executor: Executor & { readonly workspace: DampedWorkspace },
    store: MemoryObjectStore,
    queue: MemoryTaskQueue,
    time: SimulatedTime | null,
  ) {
    this.#executor = executor;
    this.#store = store;
    this.#queue = queue;
    this.#time = time;
    this.#clock = new TrainingClock(time !== null);
    this.#committer = new Committer(store, queue, () => this.#clock.nowMs);
  }

  /** What of its step a subproblem may go, by how stale its answer is now. */
  async #shareOf({ kind, run, version }: Task): Promise<number> {
    if (kind !== 'solve' || this.#time?.damping === undefined) return 1;
    const { state } = await loadState(this.#store, run);
    return this.#time.damping(state.version - version);
  }

  async #answer(task: Task): Promise<void> {
    this.#executor.workspace.share = await this.#shareOf(task);
    const answer: Answer = await execute(this.#executor, task);
    await this.#committer.take(task.run, [answer]);
    this.#executor.workspace.trim();
  }

  /** Does what takes no time at once, and notes when the rest will be done. */
  async #receive(): Promise<void> {
    for (let message = await this.#queue.receive(); message; message = await this.#queue.receive()) {
      const task = taskSchema.parse(JSON.parse(message.body));
      await this.#queue.acknowledge(message);
      if (task.kind !== 'solve') await this.#answer(task);
      else this.#pending.add(this.#clock.nowMs + (this.#time?.durationMs(task) ?? 0), task);
    }
  }

  async #stop(run: string): Promise<void> {
    this.#pending.clear();
    const control = {
      schema: PROTOCOL_VERSION,
      kind: 'control',
      run,
      nonce: newNonce(),
      action: 'stop',
    } as const;
    await this.#committer.take(run, [control]);
  }

  /** Until the run has ended and no task is left. */
  async finish(run: string): Promise<void> {
    for (;;) {
      await this.#receive();
      const next = this.#pending.takeFirst();
      if (next === null) return;
      if (this.#time !== null && next.atMs > this.#time.untilMs) await this.#stop(run);
      else {
        this.#clock.advanceTo(next.atMs);
        await this.#clock.training(() => this.#answer(next.event));
      }
    }
  }
}

/**
 * Submits a run and drives it to its end. Times in its history are CPU times of training alone, from 0, or simulated ones.
 *
 * @param prepared for the config's shards and seed.
 * @param time null: every subproblem is done at once, in the order of dispatch.
 */
export async function runInProcess(
  backend: Backend,
  config: RunConfig,
  prepared: PreparedDataset,
  time: SimulatedTime | null = null,
): Promise<InProcessRun> {
  const store = new MemoryObjectStore();
  const queue = new MemoryTaskQueue();
  const { run } = await submitPrepared({ store, tasks: queue }, config, prepared);
  const meter = new MeteredObjectStore(store);
  const workspace = new DampedWorkspace(meter, backend, MEMORY);
  const worker = { id: 'in-process', fingerprint: backend.fingerprint };
  try {
    await new Driver({ workspace, meter, worker }, store, queue, time).finish(run);
  } finally {
    workspace.clear();
  }
  return { view: await readRun(store, run), store };
}
