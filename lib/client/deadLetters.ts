/** What lies in the dead-letter queues of a deployment, and what is to be done with it. */
import { DeadLetterQueue, type DeadLetter as QueuedLetter } from '../cloud/deadLetterQueue.ts';
import type { Connection, Deployment } from '../cloud/deployment.ts';
import { newNonce } from '../protocol/ids.ts';
import { foldJobSchema, runEventSchema, taskSchema } from '../protocol/messages.ts';
import { controlRun } from './control.ts';

export const LETTER_SOURCES = ['tasks', 'results', 'folds'] as const;
export type LetterSource = (typeof LETTER_SOURCES)[number];

/** A task that was never answered, a result that was never taken in, or a block of a fold that was never formed. */
export interface DeadLetter {
  readonly source: LetterSource;
  /** null where the message says none; then the other fields are null, too. */
  readonly run: string | null;
  readonly kind: string | null;
  readonly shard: number | null;
  /** Of a fold. */
  readonly block: number | null;
  readonly version: number | null;
  readonly attempt: number | null;
  readonly receiveCount: number;
  readonly sentAtMs: number;
  readonly reason: string;
}

export interface DeadLetters {
  /** Of the whole deployment, all runs together; approximate, as SQS counts. */
  readonly counts: Readonly<Record<LetterSource, number>>;
  /** Those that were asked for, as many as were looked at. */
  readonly letters: readonly DeadLetter[];
}

/** Letters of one queue that are looked at: a look hides them from a redrive for its time. */
const MAX_LOOKED_AT = 100;

const REASONS: Readonly<Record<LetterSource, string>> = {
  tasks: 'never answered: workers die on it; their log says with what',
  results: 'never taken in: the coordinator\'s log says "commit failed" with the error',
  folds: 'never formed: the coordinator\'s log says "fold failed" with the error',
};

const SCHEMAS = { tasks: taskSchema, results: runEventSchema, folds: foldJobSchema } as const;

const NOWHERE = { shard: null, block: null, version: null, attempt: null } as const;

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Not JSON, so no message of this program: shown as such.
    return null;
  }
}

/** What a letter is about. */
export function describeLetter(source: LetterSource, letter: QueuedLetter): DeadLetter {
  const { body, receiveCount, sentAtMs } = letter;
  const message = SCHEMAS[source].safeParse(parsed(body));
  if (!message.success) {
    const reason = 'no message of this program';
    return { source, run: null, kind: null, ...NOWHERE, receiveCount, sentAtMs, reason };
  }
  const { run, kind } = message.data;
  const { shard, block, version, attempt } = { ...NOWHERE, ...message.data };
  const where = { shard, block, version, attempt };
  return { source, run, kind, ...where, receiveCount, sentAtMs, reason: REASONS[source] };
}

/** The dead-letter queues of a deployment, as far as it tells of its queues. */
async function queuesOf({ clients }: Connection, deployment: Deployment) {
  const { tasksQueueUrl: tasks, resultsQueueUrl: results, foldsQueueUrl: folds } = deployment;
  const urls = { tasks, results, folds };
  const queues = LETTER_SOURCES.map(async (source) => {
    const url = urls[source];
    return url === undefined ? [] : [{ source, queue: await DeadLetterQueue.of(clients.sqs, url) }];
  });
  return (await Promise.all(queues)).flat();
}

/**
 * Looks at every letter that can be had, ten at a time, and releases those that `take` has left.
 *
 * @param take answers whether it has dealt with a letter for good.
 */
async function forEachLetter(
  queue: DeadLetterQueue,
  limit: number,
  take: (letter: QueuedLetter) => Promise<boolean>,
): Promise<void> {
  const left: QueuedLetter[] = [];
  let looked = 0;
  try {
    while (looked < limit) {
      const letters = await queue.receive();
      if (letters.length === 0) return;
      looked += letters.length;
      for (const letter of letters) {
        if (await take(letter)) await queue.delete(letter);
        else left.push(letter);
      }
    }
  } finally {
    for (const letter of left) await queue.release(letter);
  }
}

/**
 * Looks at the dead letters of a run, and leaves them where they are.
 *
 * @param run whose letters; those of every run without.
 */
export async function readDeadLetters(
  connection: Connection,
  deployment: Deployment,
  run?: string,
): Promise<DeadLetters> {
  const counts = { tasks: 0, results: 0, folds: 0 };
  const letters: DeadLetter[] = [];
  for (const { source, queue } of await queuesOf(connection, deployment)) {
    counts[source] = await queue.count();
    if (counts[source] === 0) continue;
    await forEachLetter(queue, MAX_LOOKED_AT, async (queued) => {
      const letter = describeLetter(source, queued);
      if (run === undefined || letter.run === run) letters.push(letter);
      return false;
    });
  }
  return { counts, letters };
}

/** What became of dead letters. */
export interface Redriven {
  /** Results that were sent to the coordinator again. */
  readonly results: number;
  /** Tasks that were dropped: the run's state says what is outstanding, and that was sent anew. */
  readonly tasks: number;
  /** Blocks of folds that were dropped, likewise. */
  readonly folds: number;
  /** Letters of runs that have ended or are gone, dropped. */
  readonly dropped: number;
}

/**
 * Forgets the failures of runs: what is outstanding is sent again, shards that were given up rejoin, dead results are
 * delivered again, dead tasks and blocks dropped.
 *
 * @param runs which have not ended.
 * @param isGone whether a run has ended or is not there, so that its letters mean nothing any more.
 */
export async function redriveRuns(
  connection: Connection,
  deployment: Deployment,
  { runs, isGone }: { readonly runs: readonly string[]; readonly isGone: (run: string) => boolean },
): Promise<Redriven> {
  for (const run of runs) await controlRun(connection.results, run, 'redrive');
  const redriven = { results: 0, tasks: 0, folds: 0, dropped: 0 };
  const wanted = new Set(runs);
  for (const { source, queue } of await queuesOf(connection, deployment)) {
    await forEachLetter(queue, Number.POSITIVE_INFINITY, async (queued) => {
      const { run } = describeLetter(source, queued);
      if (run === null) return false;
      if (!wanted.has(run)) {
        if (!isGone(run)) return false;
        redriven.dropped += 1;
        return true;
      }
      if (source === 'results') {
        await connection.results.send(run, queued.body, `${run}/redrive/${newNonce()}`);
      }
      redriven[source] += 1;
      return true;
    });
  }
  return redriven;
}
