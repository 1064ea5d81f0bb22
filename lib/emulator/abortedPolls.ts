/**
 * A long poll whose client has gone away takes no message. fauxqs lets it take the next one, which is then hidden from
 * everybody until its visibility time-out: workers that stop would hold up tasks.
 */
import type { FauxqsApp, SqsStore } from './fauxqs.ts';

interface ReceiveAnswer {
  readonly Messages?: readonly { readonly ReceiptHandle: string }[];
}

/** Hands messages back at once, as if they had never been received. */
function handBack(sqs: SqsStore, queueUrl: string, { Messages = [] }: ReceiveAnswer): void {
  const queue = sqs.getQueue(queueUrl);
  for (const { ReceiptHandle } of Messages) {
    const entry = queue?.inflightMessages.get(ReceiptHandle);
    if (entry !== undefined) entry.message.approximateReceiveCount -= 1;
    queue?.changeVisibility(ReceiptHandle, 0);
  }
}

export function mendAbortedPolls(app: FauxqsApp, sqs: SqsStore): void {
  app.addHook('preSerialization', (request, _reply, payload, done) => {
    const isReceive = request.headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage';
    if (isReceive && request.raw.socket.destroyed) {
      handBack(sqs, (request.body as { QueueUrl: string }).QueueUrl, payload as ReceiveAnswer);
    }
    done(null, payload);
  });
}
