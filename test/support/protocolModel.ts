/**
 * A model of everything around `advance`: its queues, workers, folders, and a coordinator that commits, sends and
 * acknowledges one after the other, any of which may crash in between. The checker visits every state that can be reached.
 */
import { isDeepStrictEqual } from 'node:util';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { foldJobsOf, outboxOf } from '../../lib/coordinator/outbox.ts';
import { stalenessLimit } from '../../lib/coordinator/staleness.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import { type FoldJob, PROTOCOL_VERSION, type RunEvent, type Task } from '../../lib/protocol/messages.ts';
import { isEnded, type RunState } from '../../lib/protocol/state.ts';
import { type Advance, foldedOf, nextState } from './pureRun.ts';
import { evaluated, solved, tested } from './runs.ts';

/** What the coordinator does with the message it holds, in this order. */
export type Phase = 'commit' | 'send' | 'acknowledge';

export interface ModelOptions {
  readonly config: RunConfig;
  readonly initial: RunState;
  readonly advance: Advance;
  readonly workers: number;
  readonly crashes: number;
  readonly phases: readonly Phase[];
}

interface World {
  readonly state: RunState;
  /** Tasks that wait, by name, sorted: a standard queue has no order. */
  readonly tasks: readonly string[];
  /** What each worker holds. */
  readonly held: readonly (string | null)[];
  /** Blocks that are asked for, by name, sorted: each is a message group of its own. */
  readonly folds: readonly string[];
  /** Results in their order, as `task#nonce`. */
  readonly results: readonly string[];
  /** Phases the coordinator has behind it with the first result. */
  readonly done: number;
  readonly crashes: number;
  readonly sends: number;
}

const nameOf = ({ kind, version, shard, attempt }: Task): string => `${kind} ${version} ${shard} ${attempt}`;
const outboxNames = (state: RunState): string[] => outboxOf(state).map(nameOf);
const foldName = ({ version, block, commitId, digest }: FoldJob): string =>
  `fold ${version} ${block} ${commitId} ${digest}`;
const foldNames = (state: RunState): string[] => foldJobsOf(state).map(foldName);

/** The block that answers a job of this name. */
function foldedBy(run: string, job: string): RunEvent {
  const [, version, block, commitId = '', digest = ''] = job.split(' ');
  const { nonce } = solved(run, 0, 0);
  const about = { version: Number(version), block: Number(block), commitId, digest, nonce };
  return foldedOf({ schema: PROTOCOL_VERSION, kind: 'fold', run, ...about });
}

/** Whether the state still waits for the block, which is what a folder looks at first. */
function isWanted({ fold }: RunState, job: string): boolean {
  const [, , block, commitId] = job.split(' ');
  return fold?.commitId === commitId && fold?.blocks[Number(block)]?.formed === null;
}

/** The answer to a task is a function of its name; the nonce is drawn for each send. */
function answerTo(run: string, result: string): RunEvent {
  const [task = '', nonce = '0'] = result.split('#');
  const [kind, version, shard, attempt] = task.split(' ');
  if (kind === 'fold') return { ...foldedBy(run, task), nonce: nonce.padStart(26, '0') };
  const v = Number(version);
  const event =
    kind === 'solve'
      ? solved(run, v, Number(shard), sha256Hex(`${shard} of ${version}`))
      : kind === 'test'
        ? tested(run, v, 1)
        : evaluated(run, v, 1);
  return { ...event, attempt: Number(attempt), nonce: nonce.padStart(26, '0') };
}

/** What two worlds have in common that behave alike from here on: no times, no counters, nonces by what they stand for. */
function keyOf({ state, tasks, folds, held, results, done, crashes }: World): string {
  const isNew = (task: { dispatchedRevision: number } | null) => task?.dispatchedRevision === state.revision;
  const { status, version, versions, takenIn, evaluations, fold } = state;
  const shards = state.shards.map(({ contribution, task, arrival }) => [
    ...[contribution?.version, contribution?.anchor, task?.version, task?.attempt, isNew(task)],
    arrival?.version,
  ]);
  const outstanding = evaluations.outstanding.map((t) => [t.kind, t.version, t.attempt, isNew(t)]);
  // A plan is named by its revision: all but the one that is being formed behave alike.
  const plain = (name: string) => {
    const [kind, at, block, commitId] = name.split(' ');
    return kind === 'fold' ? `fold ${at} ${block} ${fold?.commitId === commitId}` : name;
  };
  const blocks = fold?.blocks.map((block) => [block.formed !== null, isNew(block)]);
  const forming = fold && [fold.version, fold.shards, blocks];
  const jobs = folds.map(plain).sort();
  const queue = results.map((r) => [
    plain(r.split('#')[0] ?? ''),
    takenIn.includes((r.split('#')[1] ?? '').padStart(26, '0')),
  ]);
  const digest = versions[version]?.digest;
  const held_ = [...held].sort();
  const messages = [queue, tasks, jobs, held_];
  return JSON.stringify([status, version, digest, shards, outstanding, forming, messages, done, crashes]);
}

function add<T>(list: readonly T[], ...items: T[]): T[] {
  return [...list, ...items].sort();
}

function without<T>(list: readonly T[], item: T): T[] {
  const at = list.indexOf(item);
  return list.filter((_, i) => i !== at);
}

/** What a worker may do: take any task, answer the one it holds, or die with it. */
function* workerMoves(world: World): Generator<World> {
  for (const [worker, holds] of world.held.entries()) {
    const hold = (task: string | null) => world.held.map((other, i) => (i === worker ? task : other));
    if (holds === null) {
      for (const task of new Set(world.tasks)) {
        yield { ...world, tasks: without(world.tasks, task), held: hold(task) };
      }
      continue;
    }
    const sends = world.sends + 1;
    const results = [...world.results, `${holds}#${sends}`];
    yield { ...world, sends, results, held: hold(null) };
    if (world.crashes === 0) continue;
    const crashed = {
      ...world,
      crashes: world.crashes - 1,
      tasks: add(world.tasks, holds),
      held: hold(null),
    };
    yield crashed;
    // It dies between its answer and the acknowledgement.
    yield { ...crashed, sends, results };
  }
}

/** What a folder may do with any job: drop it where it is not wanted, report its block, or die at either end of that. */
function* folderMoves(world: World): Generator<World> {
  for (const job of new Set(world.folds)) {
    const folds = without(world.folds, job);
    if (!isWanted(world.state, job)) {
      yield { ...world, folds };
      continue;
    }
    const sends = world.sends + 1;
    const reported = { ...world, sends, results: [...world.results, `${job}#${sends}`] };
    yield { ...reported, folds };
    // It dies between its report and the acknowledgement.
    if (world.crashes > 0) yield { ...reported, crashes: world.crashes - 1 };
  }
}

/** The coordinator's next phase with the message it holds, as `Committer.take` goes through them. */
function coordinate(world: World, { advance, config, phases }: ModelOptions): World {
  const [result = '', ...rest] = world.results;
  const phase = phases[world.done];
  const event = answerTo(world.state.run, result);
  // A message that was acknowledged is no longer in the queue, but in the hands of its invocation.
  const next = { ...world, done: world.done + 1 };
  if (phase === 'commit') {
    const known = 'nonce' in event && world.state.takenIn.includes(event.nonce);
    return known ? next : { ...next, state: nextState(advance, config, world.state, [event], 0) };
  }
  if (phase === 'send') {
    const tasks = add(world.tasks, ...outboxNames(world.state));
    return { ...next, tasks, folds: add(world.folds, ...foldNames(world.state)) };
  }
  return { ...next, results: phases.at(-1) === 'acknowledge' ? rest : world.results };
}

function* coordinatorMoves(world: World, options: ModelOptions): Generator<World> {
  if (world.results.length === 0) return;
  const acknowledgesFirst = options.phases[0] === 'acknowledge';
  const forget = acknowledgesFirst && world.done > 0 ? world.results.slice(1) : world.results;
  if (world.crashes > 0) yield { ...world, crashes: world.crashes - 1, done: 0, results: forget };
  const next = coordinate(world, options);
  if (next.done < options.phases.length) yield next;
  else yield { ...next, done: 0, results: acknowledgesFirst ? next.results.slice(1) : next.results };
}

/** What must hold of a step from one state to the next. */
function checkStep(before: RunState, after: RunState, config: RunConfig): void {
  if (after.version < before.version)
    throw new Error(`version fell from ${before.version} to ${after.version}`);
  for (const record of after.unsavedHistory) {
    if (after.revision === before.revision || record.kind !== 'round') continue;
    const taken = record.arrivals.map(({ shard }) => shard);
    const planned = before.fold?.shards ?? taken;
    if (!isDeepStrictEqual(taken, planned))
      throw new Error(`took in ${taken}, where ${planned} were planned`);
    for (const { shard, version, staleness } of record.arrivals) {
      const last = before.shards[shard]?.contribution?.version ?? -1;
      if (version <= last) throw new Error(`shard ${shard} of version ${version} was taken in twice`);
      if (staleness > stalenessLimit(config) || staleness !== record.version - 1 - version) {
        throw new Error(`staleness ${staleness} of shard ${shard}, version ${version}`);
      }
    }
  }
}

export interface Explored {
  readonly states: number;
  /** Digests of the newest version in all states in which nothing is left to do. */
  readonly finalDigests: readonly string[];
}

/** Visits every world that can be reached. @throws Error where one breaks an invariant, or stands still unfinished. */
export function explore(options: ModelOptions): Explored {
  const { initial, config, workers, crashes } = options;
  const start: World = {
    ...{ state: initial, tasks: outboxNames(initial).sort(), held: Array(workers).fill(null) },
    ...{ folds: [], results: [], done: 0, crashes, sends: 0 },
  };
  const seen = new Set([keyOf(start)]);
  const frontier = [start];
  const finalDigests = new Set<string>();
  for (let world = frontier.pop(); world !== undefined; world = frontier.pop()) {
    const moves = [...workerMoves(world), ...folderMoves(world), ...coordinatorMoves(world, options)];
    if (moves.length === 0) {
      if (!isEnded(world.state.status)) throw new Error(`stands still: ${keyOf(world)}`);
      finalDigests.add(world.state.versions[world.state.version]?.digest ?? '');
    }
    for (const next of moves) {
      if (next.state !== world.state) checkStep(world.state, next.state, config);
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      frontier.push(next);
    }
  }
  return { states: seen.size, finalDigests: [...finalDigests] };
}
