/** A batch of queue records: sorted by run, each run committed once, failures kept apart from run to run. */
import { PadmmError } from '../errors.ts';
import { type RunEvent, runEventSchema } from '../protocol/messages.ts';
import { parseStored } from '../protocol/validate.ts';
import type { Committer } from './commit.ts';
import { UnknownRunError } from './stateObject.ts';

/** The part of an SQS record that is read here (AWS Lambda: "Using Lambda with Amazon SQS", FIFO event). */
export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: {
    readonly MessageGroupId?: string | undefined;
    readonly ApproximateReceiveCount?: string | undefined;
  };
}

/** Records that were not taken in, which the event source mapping delivers again: ReportBatchItemFailures. */
export interface BatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

export interface BatchLogger {
  warn(message: string, details: Record<string, unknown>): void;
  error(message: string, details: Record<string, unknown>): void;
}

/** The event of a record. @throws IntegrityError or SyntaxError where it is none, or is not of its group's run. */
function eventOf(record: QueueRecord): RunEvent {
  const event = parseStored(runEventSchema, JSON.parse(record.body), `message ${record.messageId}`);
  const group = record.attributes.MessageGroupId;
  if (event.run !== group)
    throw new PadmmError(`message ${record.messageId}: expected run ${group}, received ${event.run}`);
  return event;
}

/** Events by run, in the order of the records. A message that can never be taken in is logged, and acknowledged. */
function byRun(records: readonly QueueRecord[], logger: BatchLogger) {
  const runs = new Map<string, { events: RunEvent[]; ids: string[] }>();
  for (const record of records) {
    try {
      const event = eventOf(record);
      const run = runs.get(event.run) ?? { events: [], ids: [] };
      runs.set(event.run, run);
      run.events.push(event);
      run.ids.push(record.messageId);
    } catch (error) {
      logger.error('message refused', { messageId: record.messageId, reason: String(error) });
    }
  }
  return runs;
}

/** Takes the events of a run in. Where it is gone they are dropped, and so is what the workers that sent them have stored. */
async function takeEvents(
  committer: Committer,
  run: string,
  events: readonly RunEvent[],
  logger: BatchLogger,
): Promise<void> {
  try {
    await committer.take(run, events);
  } catch (error) {
    if (!(error instanceof UnknownRunError)) throw error;
    logger.warn('messages of an unknown run dropped', { run, messages: events.length });
    // Tasks are sent after the state is there, so who answers one tells of a run that was.
    if (events.some((event) => 'worker' in event)) await committer.clearAway(run);
  }
}

/**
 * Takes a batch in. All records of a run succeed or fail together, because they are one commit; one run's failure does
 * not hold back another's.
 */
export async function takeBatch(
  committer: Committer,
  records: readonly QueueRecord[],
  logger: BatchLogger,
): Promise<BatchResponse> {
  const batchItemFailures: BatchResponse['batchItemFailures'] = [];
  for (const [run, { events, ids }] of byRun(records, logger)) {
    try {
      await takeEvents(committer, run, events, logger);
    } catch (error) {
      logger.error('commit failed', { run, messages: ids.length, error: String(error) });
      batchItemFailures.push(...ids.map((itemIdentifier) => ({ itemIdentifier })));
    }
  }
  return { batchItemFailures };
}
