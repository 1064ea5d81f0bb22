/** What a worker of a virtual deployment does in one turn: the real loop, or what stands for it where answers are made up. */
import { MeteredObjectStore } from '../../lib/cloud/meteredObjectStore.ts';
import type { ObjectStore } from '../../lib/cloud/objectStore.ts';
import type { ResultQueue, TaskQueue } from '../../lib/cloud/queues.ts';
import { newNonce } from '../../lib/protocol/ids.ts';
import { type RunEvent, type Task, taskSchema } from '../../lib/protocol/messages.ts';
import type { Backend } from '../../lib/tensors/backend.ts';
import { announceStart } from '../../lib/worker/lease.ts';
import { runWorker } from '../../lib/worker/runWorker.ts';
import { Workspace } from '../../lib/worker/workspace.ts';
import { answerCheaply } from './cheapSolver.ts';
import { type FaultyProcess, Killed } from './faultInjector.ts';

/** A worker's process, and the world as it reaches it. */
export interface WorkerLife {
  readonly name: string;
  readonly process: FaultyProcess;
  readonly store: ObjectStore;
  readonly tasks: TaskQueue;
  readonly results: ResultQueue;
  readonly nowMs: number;
  readonly log: (line: string) => void;
}

/** Receives one message and does with it what a worker does; whatever goes wrong is logged. */
export type WorkerTurn = (life: WorkerLife) => Promise<void>;

/** Does a task: reads what it needs, uploads, and gives the answer. */
export type Answerer = (store: ObjectStore, task: Task, worker: string, nowMs: number) => Promise<RunEvent>;

const workerId = (name: string): string => name.replace(' ', '-');

/** A sketch of the worker's loop, with answers that cost nothing. */
export function cheapTurn(answer: Answerer = answerCheaply): WorkerTurn {
  return async ({ name, store, tasks, results, nowMs, log }) => {
    try {
      const message = await tasks.receive(0);
      if (message === null) return;
      try {
        const task = taskSchema.parse(JSON.parse(message.body));
        const worker = { id: workerId(name), fingerprint: 'quadratic' };
        await announceStart(store, task, worker);
        const answered = await answer(store, task, worker.id, nowMs);
        await results.send(task.run, JSON.stringify(answered), newNonce());
        await tasks.acknowledge(message);
      } catch (error) {
        if (error instanceof Killed) throw error;
        log(String(error));
        await tasks.setVisibility(message, 2);
      }
    } catch (error) {
      log(String(error));
    }
  };
}

/** The queue for one turn: who asks for a second message is told to end. */
function oneMessageOf(tasks: TaskQueue, turn: AbortController): TaskQueue {
  let asked = false;
  return {
    send: (...parameters) => tasks.send(...parameters),
    acknowledge: (message) => tasks.acknowledge(message),
    setVisibility: (message, seconds) => tasks.setVisibility(message, seconds),
    isEmpty: () => tasks.isEmpty(),
    async receive(...parameters) {
      if (!asked) {
        asked = true;
        return tasks.receive(...parameters);
      }
      turn.abort(new Error('end of the turn'));
      return null;
    },
  };
}

/** The worker's own loop and solver; each process has a workspace of its own, which ends with it. */
export function realTurn(backend: Backend): WorkerTurn {
  const kept = new WeakMap<
    FaultyProcess,
    { readonly meter: MeteredObjectStore; readonly workspace: Workspace }
  >();
  const begin = (store: ObjectStore) => {
    const meter = new MeteredObjectStore(store);
    return { meter, workspace: new Workspace(meter, backend) };
  };
  return async ({ name, process, store, tasks, results, log }) => {
    const own = kept.get(process) ?? begin(store);
    kept.set(process, own);
    const turn = new AbortController();
    const write = (message: string, details: object) => log(`${message} ${JSON.stringify(details)}`);
    const logger = {
      info: write,
      error(message: string, details: object) {
        write(message, details);
        // Then the loop would pause, and go on with the next turn.
        if (message === 'queue or store failed') turn.abort(new Error('end of the turn'));
      },
    };
    await runWorker({
      ...{ ...own, results, logger, signal: turn.signal },
      tasks: oneMessageOf(tasks, turn),
      worker: { id: workerId(name), fingerprint: backend.fingerprint },
      ...{ visibilitySeconds: 30, waitSeconds: 0 },
    });
    if (process.isDead) own.workspace.clear();
  };
}
