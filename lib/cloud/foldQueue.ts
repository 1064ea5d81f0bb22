import type { SQSClient } from '@aws-sdk/client-sqs';
import { EnvironmentError } from '../errors.ts';
import type { FoldQueue } from './queues.ts';
import { SqsResultQueue } from './sqsResultQueue.ts';

/** Environment variable that tells a function where the blocks of folds are asked for. Nobody else needs to know. */
export const FOLDS_VARIABLE = 'PADMM_FOLDS_QUEUE_URL';

/** @throws EnvironmentError where the variable is no URL. */
export function foldQueueFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  sqs: SQSClient,
): FoldQueue {
  const url = environment[FOLDS_VARIABLE] ?? '';
  if (URL.canParse(url)) return new SqsResultQueue(sqs, url);
  const received = url === '' ? 'nothing' : JSON.stringify(url);
  throw new EnvironmentError(`${FOLDS_VARIABLE}: expected the URL of the folds queue, received ${received}`);
}
