/** A whole deployment in one process and in virtual time: the real coordinator and watchdog, and workers one can kill. */
import { sha256Hex } from '../../lib/codec/digest.ts';
import { takeBatch } from '../../lib/coordinator/batch.ts';
import { Committer } from '../../lib/coordinator/commit.ts';
import { takeFolds } from '../../lib/coordinator/foldBatch.ts';
import { Folder } from '../../lib/coordinator/folder.ts';
import { initialState } from '../../lib/coordinator/initialState.ts';
import { outboxOf } from '../../lib/coordinator/outbox.ts';
import { encodeParameters } from '../../lib/coordinator/parameterVector.ts';
import { Patrol } from '../../lib/coordinator/patrol.ts';
import { deliverFailuresSoon } from '../../lib/coordinator/redelivery.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import { newCommitId, newNonce, newRunId } from '../../lib/protocol/ids.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import { PROTOCOL_VERSION } from '../../lib/protocol/messages.ts';
import { isEnded, type RunState, runStateSchema } from '../../lib/protocol/state.ts';
import { FaultInjector, type FaultyProcess } from './faultInjector.ts';
import { VirtualClock, VirtualResultQueue, VirtualStore, VirtualTaskQueue } from './virtualCloud.ts';
import { type Answerer, cheapTurn, type WorkerTurn } from './workerTurns.ts';

const WATCHDOG_EVERY_MS = 60_000;
/** What a long poll or a failed attempt costs when nothing happens. */
const IDLE_MS = 1_000;
const PARAMETERS = 6;
/** Functions that form blocks at the same time. */
const FOLDERS = 2;

export interface VirtualOptions {
  readonly workers?: number;
  readonly injector?: FaultInjector;
  /** Answers in the place of {@link answerCheaply}. */
  readonly answer?: Answerer;
  /** What a worker does in a turn; cheap answers without. */
  readonly turn?: WorkerTurn;
}

const layout = {
  length: PARAMETERS,
  segments: [
    { name: 'W', shape: [2, 2], start: 0, end: 4, group: 'recurrent' as const, decays: true },
    { name: 'b', shape: [2], start: 4, end: 6, group: 'recurrent' as const, decays: false },
  ],
};

export class VirtualDeployment {
  readonly clock = new VirtualClock();
  readonly store = new VirtualStore(this.clock);
  readonly tasks = new VirtualTaskQueue(this.clock);
  readonly results = new VirtualResultQueue(this.clock);
  readonly folds = new VirtualResultQueue(this.clock, { batchRecords: 1 });
  /** What was out of order, by whoever met it. */
  readonly logged: string[] = [];
  /** What coordinator and watchdog logged, with its details. */
  readonly entries: { readonly message: string; readonly details: Record<string, unknown> }[] = [];
  workers: number;
  readonly #injector: FaultInjector;
  readonly #turn: WorkerTurn;
  readonly #lives = new Map<string, FaultyProcess>();
  #coordinator: { readonly life: FaultyProcess; readonly committer: Committer } | null = null;
  readonly #folders: { readonly life: FaultyProcess; readonly folder: Folder }[] = [];
  #patrol: { readonly life: FaultyProcess; readonly patrol: Patrol } | null = null;
  #watchedMs = this.clock.nowMs;
  readonly #states = new Map<string, { readonly etag: string | undefined; readonly state: RunState }>();

  constructor({ workers = 2, injector = new FaultInjector(), answer, turn }: VirtualOptions = {}) {
    this.workers = workers;
    this.#injector = injector;
    this.#turn = turn ?? cheapTurn(answer);
  }

  readonly #log = (message: string, details: Record<string, unknown>): void => {
    this.logged.push(message);
    this.entries.push({ message, details });
  };
  readonly #logger = { warn: this.#log, error: this.#log };

  /** Submits a run without faults: z_0, config, state, tasks. */
  async submit(config: RunConfig): Promise<string> {
    const run = newRunId(config.name);
    const commitId = newCommitId();
    const bytes = encodeParameters({ layout, values: new Float32Array(PARAMETERS).fill(0.5) });
    await this.store.create(runKeys(run).consensus(0, commitId), bytes);
    const initial = { version: 0, commitId, digest: sha256Hex(bytes), broadcastDigest: null };
    const shardSamples = Array.from({ length: config.shards }, (_, i) => 100 + 10 * i);
    const state = initialState({ run, config, initial, shardSamples, nowMs: this.clock.nowMs });
    await this.store.create(runKeys(run).config, JSON.stringify(config));
    await this.store.create(runKeys(run).state, JSON.stringify(state));
    await this.tasks.send(
      outboxOf(state).map((task) => JSON.stringify(task)),
      run,
    );
    return run;
  }

  /** The state of a run as it is stored. */
  state(run: string): RunState {
    const object = this.store.objects.get(runKeys(run).state);
    const known = this.#states.get(run);
    if (known !== undefined && known.etag === object?.etag) return known.state;
    const state = runStateSchema.parse(JSON.parse(Buffer.from(object?.body ?? []).toString()));
    this.#states.set(run, { etag: object?.etag, state });
    return state;
  }

  async control(run: string, action: 'stop' | 'pause' | 'resume' | 'redrive'): Promise<void> {
    const message = { schema: PROTOCOL_VERSION, kind: 'control', run, action, nonce: newNonce() };
    await this.results.send(run, JSON.stringify(message));
  }

  /** Works until every run has ended; looks at each state on the way. */
  async runToEnd(runs: readonly string[], onStep?: () => Promise<void> | void): Promise<RunState[]> {
    for (let step = 0; step < 100_000; step++) {
      const states = runs.map((run) => this.state(run));
      if (states.every(({ status }) => isEnded(status))) return states;
      await this.step();
      await onStep?.();
    }
    throw new Error(`not at its end after 100,000 steps; logged: ${this.logged.slice(-5).join(' | ')}`);
  }

  /** Every process does one thing; time passes where none had anything to do, and the watchdog looks once a minute. */
  async step(): Promise<void> {
    let busy = await this.#coordinate();
    for (let folder = 0; folder < FOLDERS; folder++) busy = (await this.#fold(folder)) || busy;
    for (let worker = 0; worker < this.workers; worker++) busy = (await this.#work(worker)) || busy;
    if (!busy) this.clock.nowMs += this.#untilNextMs();
    if (this.clock.nowMs - this.#watchedMs >= WATCHDOG_EVERY_MS) await this.watch();
  }

  /** Nothing happens before a message comes back or the watchdog looks. */
  #untilNextMs(): number {
    const next = Math.min(
      this.tasks.messages.nextMs,
      this.results.messages.nextMs,
      this.folds.messages.nextMs,
      this.#watchedMs + WATCHDOG_EVERY_MS,
    );
    return Math.max(IDLE_MS, next - this.clock.nowMs);
  }

  async watch(): Promise<void> {
    this.#watchedMs = this.clock.nowMs;
    if (this.#patrol === null || this.#patrol.life.isDead) {
      const life = this.#injector.process('watchdog');
      const [store, tasks] = [life.store(this.store), life.tasks(this.tasks)];
      const folds = life.folds(this.folds);
      const committer = new Committer(store, tasks, () => this.clock.nowMs, null, folds);
      const clockMs = () => this.clock.nowMs;
      this.#patrol = { life, patrol: new Patrol({ store, tasks, committer, logger: this.#logger, clockMs }) };
    }
    await this.#patrol.patrol.round().catch((error: unknown) => this.logged.push(`watchdog: ${error}`));
  }

  async #coordinate(): Promise<boolean> {
    const records = this.results.receiveBatch();
    if (records.length === 0) return false;
    if (this.#coordinator === null || this.#coordinator.life.isDead) {
      const life = this.#injector.process('coordinator');
      const ports = [life.store(this.store), life.tasks(this.tasks)] as const;
      const folds = life.folds(this.folds);
      const committer = new Committer(...ports, () => this.clock.nowMs, null, folds);
      this.#coordinator = { life, committer };
    }
    const { life, committer } = this.#coordinator;
    const response = await takeBatch(committer, records, this.#logger);
    // Whatever a dead process had to say, its invocation failed: the mapping deletes nothing.
    if (life.isDead) return true;
    await deliverFailuresSoon(life.results(this.results), records, response).catch(() => undefined);
    if (life.isDead) return true;
    const failed = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    this.results.delete(records.filter(({ messageId }) => !failed.has(messageId)));
    return true;
  }

  /** One invocation for one block of a fold, where one is asked for. */
  async #fold(index: number): Promise<boolean> {
    const records = this.folds.receiveBatch();
    if (records.length === 0) return false;
    let known = this.#folders[index];
    if (known === undefined || known.life.isDead) {
      const life = this.#injector.process(`folder ${index}`);
      const folder = new Folder(life.store(this.store), life.results(this.results));
      known = { life, folder };
      this.#folders[index] = known;
    }
    const { life, folder } = known;
    const response = await takeFolds(folder, records, this.#logger);
    if (life.isDead) return true;
    await deliverFailuresSoon(life.folds(this.folds), records, response).catch(() => undefined);
    if (life.isDead) return true;
    if (response.batchItemFailures.length === 0) this.folds.delete(records);
    return true;
  }

  /** One turn of a worker's loop, where there is a task for it. */
  async #work(index: number): Promise<boolean> {
    if (!this.tasks.messages.all.some(this.tasks.messages.isVisible)) return false;
    const name = `worker ${index}`;
    let process = this.#lives.get(name);
    if (process === undefined || process.isDead) {
      process = this.#injector.process(name);
      this.#lives.set(name, process);
    }
    await this.#turn({
      ...{ name, process, nowMs: this.clock.nowMs },
      store: process.store(this.store),
      tasks: process.tasks(this.tasks),
      results: process.results(this.results),
      log: (line) => {
        // What went as it should is not told: tests ask for what was out of order.
        if (!line.startsWith('task answered')) this.logged.push(`${name}: ${line}`);
      },
    });
    return true;
  }
}
