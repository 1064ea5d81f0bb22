/**
 * What a function's answer says about the records of its batch, with ReportBatchItemFailures.
 *
 * Source: AWS Lambda Developer Guide, "Implementing partial batch responses": an empty answer, or an empty or null list,
 * is a success of all; an answer that is malformed, or names no record of the batch, is a failure of all.
 */
import * as z from 'zod';

const responseSchema = z
  .object({
    batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
  })
  .nullish();

/** Ids of the messages that failed, in any order. */
export function failedIdsOf(answer: unknown, messageIds: readonly string[]): ReadonlySet<string> {
  const all = new Set(messageIds);
  const parsed = responseSchema.safeParse(answer);
  if (!parsed.success) return all;
  const failed = parsed.data?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier) ?? [];
  return failed.every((id) => all.has(id)) ? new Set(failed) : all;
}
