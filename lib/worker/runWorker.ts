/**
 * The worker's loop: receive, do, report, acknowledge. A worker owns nothing: whatever it holds when it dies comes back
 * after the visibility time-out.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ReceivedMessage, ResultQueue, TaskQueue } from '../cloud/queues.ts';
import { type Task, taskSchema } from '../protocol/messages.ts';
import { parseStored } from '../protocol/validate.ts';
import { type Answer, type Executor, execute } from './execute.ts';
import { UnknownRunError } from './workspace.ts';

export interface WorkerLogger {
  info(message: string, details: Record<string, unknown>): void;
  error(message: string, details: Record<string, unknown>): void;
}

export interface WorkerOptions extends Executor {
  readonly tasks: TaskQueue;
  readonly results: ResultQueue;
  readonly logger: WorkerLogger;
  /** Ends the loop: at once where the worker waits, after the hand-back where it works. */
  readonly signal: AbortSignal;
  /** Visibility time-out of a task, extended while the worker lives. */
  readonly visibilitySeconds: number;
  /** Length of one long poll; at most 20 (Amazon SQS: "Short and long polling"). */
  readonly waitSeconds: number;
}

/** Pause after a queue or store failed beyond the SDK's retries, so that a failure does not become a storm. */
const PAUSE_AFTER_FAILURE_MS = 1000;
/** A message that failed is hidden for so long, to be tried again here or elsewhere. */
const RETRY_AFTER_SECONDS = 2;

/** Extends the visibility of a message at a third of its time-out, until stopped. */
function startHeartbeat({ tasks, visibilitySeconds, logger }: WorkerOptions, message: ReceivedMessage) {
  const beat = () =>
    tasks
      .setVisibility(message, visibilitySeconds)
      .catch((error: unknown) => logger.error('heartbeat failed', { error: String(error) }));
  const timer = setInterval(beat, (visibilitySeconds * 1000) / 3);
  return () => clearInterval(timer);
}

async function report({ results }: WorkerOptions, answer: Answer): Promise<void> {
  const { run, kind, version, shard, attempt, nonce } = answer;
  await results.send(run, JSON.stringify(answer), [run, kind, version, shard, attempt, nonce].join('/'));
}

/** The task of a message, or null where it is none: such a message is logged once and never delivered again. */
async function parseTask({ tasks, logger }: WorkerOptions, message: ReceivedMessage): Promise<Task | null> {
  try {
    return parseStored(taskSchema, JSON.parse(message.body), `message ${message.messageId}`);
  } catch (error) {
    logger.error('message refused', { messageId: message.messageId, reason: String(error) });
    await tasks.acknowledge(message);
    return null;
  }
}

async function work(options: WorkerOptions, message: ReceivedMessage): Promise<void> {
  const { tasks, logger, signal } = options;
  const task = await parseTask(options, message);
  if (task === null) return;
  const stopHeartbeat = startHeartbeat(options, message);
  try {
    await report(options, await execute(options, task));
    await tasks.acknowledge(message);
  } catch (error) {
    const { run, kind, version, shard } = task;
    logger.error('task failed', { run, kind, version, shard, error: String(error) });
    if (error instanceof UnknownRunError) return await tasks.acknowledge(message);
    await tasks.setVisibility(message, signal.aborted ? 0 : RETRY_AFTER_SECONDS);
  } finally {
    stopHeartbeat();
    options.workspace.trim();
  }
}

/** Works until the signal is aborted. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { tasks, logger, signal, waitSeconds } = options;
  while (!signal.aborted) {
    try {
      const message = await tasks.receive(waitSeconds, signal);
      if (message !== null) await work(options, message);
    } catch (error) {
      if (signal.aborted) break;
      logger.error('queue or store failed', { error: String(error) });
      await delay(PAUSE_AFTER_FAILURE_MS);
    }
  }
}
