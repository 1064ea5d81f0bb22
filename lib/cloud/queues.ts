/** A message in flight: hidden from others until its visibility time-out passes. */
export interface ReceivedMessage {
  readonly body: string;
  readonly receiptHandle: string;
  readonly messageId: string;
  /** Times this message was received, this time included; counted by the queue. */
  readonly receiveCount: number;
}

/** Tasks for workers: a standard SQS queue, delivered at least once and in any order. */
export interface TaskQueue {
  /**
   * Sends task bodies in batches of ten; rejects where any of them was not taken.
   *
   * @param fairGroup whose tasks they are: a group with many waiting tasks does not delay those of others (Amazon SQS:
   * "Fair queues").
   */
  send(bodies: readonly string[], fairGroup?: string): Promise<void>;
  /** Waits up to `waitSeconds` for one message; null where none came. Aborting rejects with the signal's reason. */
  receive(waitSeconds: number, signal?: AbortSignal): Promise<ReceivedMessage | null>;
  /** The task is done: never deliver it again. */
  acknowledge(message: ReceivedMessage): Promise<void>;
  /** Hides the message for `seconds` from now; 0 hands it back at once. */
  setVisibility(message: ReceivedMessage, seconds: number): Promise<void>;
  /** Whether no task waits and none is in a worker's hands, as far as the queue can tell: the counts are approximate. */
  isEmpty(): Promise<boolean>;
}

/** Results and control messages for the coordinator: a FIFO queue, one group a run. */
export interface ResultQueue {
  /**
   * @param run the message group: messages of one run are delivered in order, one batch at a time.
   * @param deduplicationId SQS drops a repeated id for five minutes, so it is drawn anew for each real send.
   */
  send(run: string, body: string, deduplicationId: string): Promise<void>;
  /** Delivers messages in flight again after `seconds`: a group stands still until then. */
  deliverAgain(receiptHandles: readonly string[], seconds: number): Promise<void>;
}

/**
 * Jobs to form blocks of folds: a FIFO queue as that of results, one group a block of a run. Its messages are delivered
 * one by one, so that each has an invocation of its own.
 */
export type FoldQueue = ResultQueue;
