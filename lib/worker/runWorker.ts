/**
 * The worker's loop: receive, do, report, acknowledge. A worker owns nothing: whatever it holds when it dies comes back
 * after the visibility time-out, and what it hands back when it is told to end comes back at once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ReceivedMessage, ResultQueue, TaskQueue } from '../cloud/queues.ts';
import { type Task, taskSchema } from '../protocol/messages.ts';
import { parseStored } from '../protocol/validate.ts';
import { type Answer, type Executor, execute } from './execute.ts';
import { MessageHolder } from './hold.ts';
import { announceStart, StartPolicy } from './lease.ts';
import { UnknownRunError } from './workspace.ts';

export interface WorkerLogger {
  info(message: string, details: Record<string, unknown>): void;
  error(message: string, details: Record<string, unknown>): void;
}

export interface WorkerOptions extends Executor {
  readonly tasks: TaskQueue;
  readonly results: ResultQueue;
  readonly logger: WorkerLogger;
  /** Ends the loop: at once where the worker waits or gets data, after its answer where it solves. */
  readonly signal: AbortSignal;
  /** Visibility time-out of the tasks queue. */
  readonly visibilitySeconds: number;
  /** Length of one long poll; at most 20 (Amazon SQS: "Short and long polling"). */
  readonly waitSeconds: number;
}

/** Pause after a queue or store failed beyond the SDK's retries, so that a failure does not become a storm. */
const PAUSE_AFTER_FAILURE_MS = 1000;
/** A message that failed is hidden for so long, to be tried again here or elsewhere. */
const RETRY_AFTER_SECONDS = 2;

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

/** Does a task and tells the coordinator. A start that cannot be announced costs the watchdog's help, not the answer. */
async function answerTask({ options, starts }: Desk, task: Task): Promise<void> {
  const { workspace, meter, worker, logger } = options;
  const { config } = await workspace.context(task.run);
  const announced = starts.announces(task, config.faults)
    ? announceStart(meter, task, worker).catch((error: unknown) =>
        logger.error('start not announced', { run: task.run, error: String(error) }),
      )
    : undefined;
  const answer = await execute(options, task);
  await announced;
  await report(options, answer);
}

/**
 * Acknowledges without waiting: what is answered must not keep the worker from its next task. An acknowledgement that fails
 * costs a repeat, which the coordinator knows as one.
 */
class Acknowledgements {
  readonly #options: WorkerOptions;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  begin(message: ReceivedMessage): void {
    const { tasks, logger } = this.#options;
    const done = tasks
      .acknowledge(message)
      .catch((error: unknown) => logger.error('task not acknowledged', { error: String(error) }))
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  /** Resolves when all are done. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}

interface Desk {
  readonly options: WorkerOptions;
  readonly holder: MessageHolder;
  readonly acknowledgements: Acknowledgements;
  readonly starts: StartPolicy;
}

async function work(desk: Desk, message: ReceivedMessage): Promise<void> {
  const { options, holder, acknowledgements, starts } = desk;
  const { tasks, logger, signal } = options;
  const task = await parseTask(options, message);
  if (task === null) return;
  const { run, kind, version, shard, attempt } = task;
  const about = { run, kind, version, shard, attempt };
  const hold = holder.hold(message);
  const startedAtMs = performance.now();
  try {
    await answerTask(desk, task);
    acknowledgements.begin(message);
    const seconds = (performance.now() - startedAtMs) / 1000;
    starts.finished(task, seconds);
    logger.info('task answered', { ...about, seconds });
  } catch (error) {
    if (error instanceof UnknownRunError) {
      logger.info('task of a run that is gone', about);
      return await tasks.acknowledge(message);
    }
    const handsBack = signal.aborted;
    if (handsBack) logger.info('task handed back', about);
    else logger.error('task failed', { ...about, error: String(error) });
    await tasks.setVisibility(message, handsBack ? 0 : RETRY_AFTER_SECONDS);
  } finally {
    hold.release();
    options.workspace.trim();
  }
}

/** Works until the signal is aborted. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { tasks, logger, signal, waitSeconds, visibilitySeconds } = options;
  const holder = new MessageHolder(tasks, visibilitySeconds, (error) =>
    logger.error('heartbeat failed', { error: String(error) }),
  );
  const acknowledgements = new Acknowledgements(options);
  const desk = { options, holder, acknowledgements, starts: new StartPolicy() };
  while (!signal.aborted) {
    try {
      const message = await tasks.receive(waitSeconds, signal);
      if (message !== null) await work(desk, message);
    } catch (error) {
      if (signal.aborted) break;
      logger.error('queue or store failed', { error: String(error) });
      // Told to end meanwhile, it ends at once.
      await delay(PAUSE_AFTER_FAILURE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  await acknowledgements.settled();
}
