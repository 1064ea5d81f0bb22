import type { ResultQueue } from '../cloud/queues.ts';
import { newNonce } from '../protocol/ids.ts';
import { type Control, PROTOCOL_VERSION } from '../protocol/messages.ts';

/** Asks something of a run. It takes effect when the coordinator has taken the message in. */
export async function controlRun(
  results: ResultQueue,
  run: string,
  action: Control['action'],
): Promise<void> {
  const message: Control = { schema: PROTOCOL_VERSION, kind: 'control', run, action, nonce: newNonce() };
  await results.send(run, JSON.stringify(message), `${run}/control/${message.nonce}`);
}
