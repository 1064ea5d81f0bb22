import type { ResultQueue } from '../cloud/queues.ts';
import type { Budget } from '../protocol/budget.ts';
import { newNonce } from '../protocol/ids.ts';
import { type Control, PROTOCOL_VERSION } from '../protocol/messages.ts';

const addressed = (run: string) => {
  return { schema: PROTOCOL_VERSION, kind: 'control', run, nonce: newNonce() } as const;
};

async function send(results: ResultQueue, message: Control): Promise<void> {
  await results.send(message.run, JSON.stringify(message), `${message.run}/control/${message.nonce}`);
}

/** Asks something of a run. It takes effect when the coordinator has taken the message in. */
export async function controlRun(
  results: ResultQueue,
  run: string,
  action: Exclude<Control['action'], 'setBudget'>,
): Promise<void> {
  await send(results, { ...addressed(run), action });
}

/** Changes limits of a run; one that is left out stays as it is, null goes back to that of the run's config. */
export async function setBudget(results: ResultQueue, run: string, budget: Partial<Budget>): Promise<void> {
  await send(results, { ...addressed(run), action: 'setBudget', budget });
}
