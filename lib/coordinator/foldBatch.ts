/** A batch of fold jobs: each forms one block, and fails by itself. */
import { type FoldJob, foldJobSchema } from '../protocol/messages.ts';
import { parseStored } from '../protocol/validate.ts';
import type { BatchLogger, BatchResponse, QueueRecord } from './batch.ts';
import type { Folder } from './folder.ts';
import { UnknownRunError } from './stateObject.ts';

/** The job of a record; null, and a line in the log, where it is none. */
function jobOf({ messageId, body }: QueueRecord, logger: BatchLogger): FoldJob | null {
  try {
    return parseStored(foldJobSchema, JSON.parse(body), `message ${messageId}`);
  } catch (error) {
    logger.error('message refused', { messageId, reason: String(error) });
    return null;
  }
}

/** Forms the blocks that the records ask for; what could not be formed is delivered again. */
export async function takeFolds(
  folder: Folder,
  records: readonly QueueRecord[],
  logger: BatchLogger,
): Promise<BatchResponse> {
  const batchItemFailures: BatchResponse['batchItemFailures'] = [];
  for (const record of records) {
    const job = jobOf(record, logger);
    if (job === null) continue;
    const { run, version, block } = job;
    try {
      await folder.fold(job);
    } catch (error) {
      if (error instanceof UnknownRunError) {
        logger.warn('messages of an unknown run dropped', { run, messages: 1 });
        continue;
      }
      logger.error('fold failed', { run, version, block, error: String(error) });
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
}
