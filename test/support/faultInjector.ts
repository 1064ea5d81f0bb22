/** Fails or kills at one I/O operation of a process, and notes all operations that were done. */
import type { ObjectStore } from '../../lib/cloud/objectStore.ts';
import type { FoldQueue, ReceivedMessage, ResultQueue, TaskQueue } from '../../lib/cloud/queues.ts';

/** `fail`: the operation is not done and says so. `answerLost`: it is done and says it was not. */
export const faultModes = ['fail', 'killBefore', 'killAfter', 'answerLost'] as const;
export type FaultMode = (typeof faultModes)[number];

/** The process is dead: nothing that it does after this reaches the world. */
export class Killed extends Error {}

export interface Fault {
  /** Number of the operation in the trace, from 0. */
  readonly at: number;
  readonly mode: FaultMode;
}

/** All operations of a run, in their order, and the one that goes wrong. */
export class FaultInjector {
  readonly trace: string[] = [];
  readonly #fault: Fault | null;

  constructor(fault: Fault | null = null) {
    this.#fault = fault;
  }

  /** One life of a process, named for the trace. */
  process(name: string): FaultyProcess {
    return new FaultyProcess(name, this);
  }

  /** What happens to the next operation. */
  next(operation: string): FaultMode | null {
    this.trace.push(operation);
    return this.#fault?.at === this.trace.length - 1 ? this.#fault.mode : null;
  }
}

export class FaultyProcess {
  readonly #name: string;
  readonly #injector: FaultInjector;
  #dead = false;

  constructor(name: string, injector: FaultInjector) {
    this.#name = name;
    this.#injector = injector;
  }

  get isDead(): boolean {
    return this.#dead;
  }

  async #does<T>(operation: string, act: () => Promise<T>): Promise<T> {
    if (this.#dead) throw new Killed();
    const mode = this.#injector.next(`${this.#name} ${operation}`);
    if (mode === 'fail') throw new Error('service unavailable');
    if (mode === 'killBefore') return this.#die();
    const done = await act();
    if (mode === 'killAfter') return this.#die();
    if (mode === 'answerLost') throw new Error('socket hang up');
    return done;
  }

  #die(): never {
    this.#dead = true;
    throw new Killed();
  }

  store(inner: ObjectStore): ObjectStore {
    const does = this.#does.bind(this);
    const listed = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
      const all: T[] = [];
      for await (const item of items) all.push(item);
      return all;
    };
    return {
      get: (key) => does(`get ${key}`, () => inner.get(key)),
      getIfChanged: (key, etag) => does(`getIfChanged ${key}`, () => inner.getIfChanged(key, etag)),
      create: (key, body) => does(`create ${key}`, () => inner.create(key, body)),
      replace: (key, body, etag) => does(`replace ${key}`, () => inner.replace(key, body, etag)),
      delete: (keys) => does(`delete ${keys.length} objects`, () => inner.delete(keys)),
      async *list(prefix) {
        yield* await does(`list ${prefix}`, () => listed(inner.list(prefix)));
      },
      async *listPrefixes(prefix) {
        yield* await does(`listPrefixes ${prefix}`, () => listed(inner.listPrefixes(prefix)));
      },
    };
  }

  tasks(inner: TaskQueue): TaskQueue {
    const does = this.#does.bind(this);
    return {
      send: (bodies, group) => does(`send ${bodies.length} tasks`, () => inner.send(bodies, group)),
      receive: (seconds) => does('receive a task', () => inner.receive(seconds)),
      acknowledge: (message: ReceivedMessage) => does('acknowledge a task', () => inner.acknowledge(message)),
      setVisibility: (message, seconds) =>
        does('change the visibility of a task', () => inner.setVisibility(message, seconds)),
      isEmpty: () => does('count tasks', () => inner.isEmpty()),
    };
  }

  results(inner: ResultQueue): ResultQueue {
    return this.#fifo(inner, 'result');
  }

  folds(inner: FoldQueue): FoldQueue {
    return this.#fifo(inner, 'fold');
  }

  #fifo(inner: ResultQueue, what: string): ResultQueue {
    const does = this.#does.bind(this);
    return {
      send: (group, body, id) => does(`send a ${what}`, () => inner.send(group, body, id)),
      deliverAgain: (handles, seconds) =>
        does(`change the visibility of ${what}s`, () => inner.deliverAgain(handles, seconds)),
    };
  }
}
