/** How long the coordinator keeps the workers waiting between two rounds. */
import { submitRun } from '../../../lib/client/submit.ts';
import type { Connection } from '../../../lib/cloud/deployment.ts';
import { loadState } from '../../../lib/coordinator/stateObject.ts';
import { runKeys } from '../../../lib/protocol/keys.ts';
import { type SolveTask, taskSchema } from '../../../lib/protocol/messages.ts';
import { evaluatedAs, solvedBy } from '../answers.ts';
import { emptyConfig, SMALL, WARM_UP_ROUNDS, withEmptyDeployment } from '../emptyRuns.ts';
import { type FigureGroup, type FigureKind, sized } from '../figure.ts';
import { interleave } from '../repeat.ts';
import { median } from '../statistics.ts';
import { readInitial } from '../storedStart.ts';

const SHARDS = 4;

const kind: FigureKind = {
  figure: 'coordinator-turn',
  title: `from the last result received to the next tasks visible, ${SHARDS} shards, ${SMALL.parameters} parameters`,
  ...{ unit: 'ms', better: 'lower', must: 30, aim: 8 },
};

/** The workers of one run, played by this process. */
class Player {
  readonly #connection: Connection;
  readonly #run: string;
  readonly #contribution: { readonly body: Uint8Array; readonly digest: string };

  constructor(connection: Connection, run: string, contribution: Player['contribution']) {
    this.#connection = connection;
    this.#run = run;
    this.#contribution = contribution;
  }

  get contribution() {
    return this.#contribution;
  }

  /** The next subproblem; evaluations on the way are answered. */
  async next(): Promise<SolveTask> {
    const { tasks } = this.#connection;
    while (true) {
      const message = await tasks.receive(20);
      if (message === null) continue;
      await tasks.acknowledge(message);
      const task = taskSchema.parse(JSON.parse(message.body));
      if (task.kind === 'solve') return task;
      await this.#send(evaluatedAs(task, task.kind));
    }
  }

  /** Uploads what answers a task, and gives what sends the answer. */
  async prepare(task: SolveTask): Promise<() => Promise<void>> {
    const { body, digest } = this.contribution;
    const key = runKeys(this.#run).contribution(task.shard, task.version, digest);
    await this.#connection.store.create(key, body);
    return () => this.#send(solvedBy(task, { digest, sizeBytes: body.length }));
  }

  /** Resolves when all shards but one have arrived. */
  async almostAllArrived(): Promise<void> {
    while (true) {
      const { state } = await loadState(this.#connection.store, this.#run);
      if (state.shards.filter(({ arrival }) => arrival !== null).length === SHARDS - 1) return;
    }
  }

  async #send(answer: { readonly nonce: string }): Promise<void> {
    await this.#connection.results.send(this.#run, JSON.stringify(answer), answer.nonce);
  }
}

/** Milliseconds of one turn, and the tasks of the round that it began. */
async function takeTurn(player: Player, tasks: readonly SolveTask[]) {
  const sends = await Promise.all(tasks.map((task) => player.prepare(task)));
  const last = sends.pop();
  for (const send of sends) await send();
  await player.almostAllArrived();
  const first = player.next();
  await last?.();
  const receivedMs = performance.now();
  const begun = [await first];
  const turnMs = performance.now() - receivedMs;
  while (begun.length < SHARDS) begun.push(await player.next());
  return { turnMs, begun };
}

/** Median over the turns of one run. */
async function measureRun(connection: Connection, rounds: number): Promise<number> {
  const config = emptyConfig({ shards: SHARDS, rounds: rounds + 1, hiddenUnits: SMALL.hiddenUnits });
  const { run } = await submitRun(connection, { config });
  const player = new Player(connection, run, await readInitial(connection.store, run));
  let tasks: SolveTask[] = [];
  while (tasks.length < SHARDS) tasks.push(await player.next());
  const turns: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { turnMs, begun } = await takeTurn(player, tasks);
    turns.push(turnMs);
    tasks = begun;
  }
  return median(turns.slice(WARM_UP_ROUNDS));
}

export const coordinatorTurn: FigureGroup = {
  kinds: [kind],
  async measure(bench) {
    const rounds = WARM_UP_ROUNDS + sized(bench, 20, 2);
    return withEmptyDeployment(bench.directory, { workers: 0, solveMs: 0 }, async ({ connection }) => {
      await measureRun(connection, rounds);
      const raw = await interleave(bench.repetitions, { turnMs: () => measureRun(connection, rounds) });
      return [{ ...kind, values: raw.turnMs, raw }];
    });
  },
};
