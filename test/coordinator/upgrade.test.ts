/** A run that an older program began, and messages of its time that are still on their way. */
import { expect, test } from 'vitest';
import { runKeys } from '../../lib/protocol/keys.ts';
import { PROTOCOL_VERSION } from '../../lib/protocol/messages.ts';
import { STATE_SCHEMA } from '../../lib/protocol/state.ts';
import { answerCheaply } from '../support/cheapSolver.ts';
import { testConfig } from '../support/runs.ts';
import { VirtualDeployment } from '../support/virtualRun.ts';

const OLD_PROTOCOL = 1;
const config = testConfig({ shards: 3, stop: { maxRounds: 4 } });

async function digestWithout(): Promise<string | undefined> {
  const deployment = new VirtualDeployment();
  const run = await deployment.submit(config);
  const [state] = await deployment.runToEnd([run]);
  return state?.versions[4]?.digest;
}

test('answers of old workers are refused with the reason, and asked for again of new ones', async () => {
  let old = true;
  const deployment = new VirtualDeployment({
    answer: async (store, task, worker, nowMs) => {
      const answer = await answerCheaply(store, task, worker, nowMs);
      return old ? ({ ...answer, schema: OLD_PROTOCOL } as never) : answer;
    },
  });
  const run = await deployment.submit(config);
  for (let step = 0; step < 5; step++) await deployment.step();
  const refused = deployment.entries.filter(({ message }) => message === 'message refused');
  expect(refused).toHaveLength(4);
  for (const { details } of refused) {
    expect(details.reason).toContain(`schema: expected ${PROTOCOL_VERSION}, received ${OLD_PROTOCOL}`);
  }
  old = false;
  const [state] = await deployment.runToEnd([run]);
  expect(state).toMatchObject({ status: 'done', counters: { resent: 4 } });
  expect(state?.versions[4]?.digest).toBe(await digestWithout());
});

test('a state of an older schema goes on to the same bytes, and is written in the form of today', async () => {
  const deployment = new VirtualDeployment();
  const run = await deployment.submit(config);
  while (deployment.state(run).version < 2) await deployment.step();
  const { fold: _, evaluations, model: _model, ...now } = deployment.state(run);
  const { lowest: _lowest, ...measured } = evaluations;
  const second = { ...now, schema: 2, evaluations: measured, model: null };
  const key = runKeys(run).state;
  const { etag = '' } = deployment.store.objects.get(key) ?? {};
  // Another program has written it: what a process remembers of the state is out of date.
  await deployment.store.replace(key, JSON.stringify(second), etag);
  const [state] = await deployment.runToEnd([run]);
  expect(state).toMatchObject({ status: 'done', schema: STATE_SCHEMA });
  expect(state?.versions[4]?.digest).toBe(await digestWithout());
});
