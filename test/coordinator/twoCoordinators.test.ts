/** Two coordinators at work on one run at the same time, what they do interleaved at their I/O operations. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { expect, test } from 'vitest';
import type { ObjectStore } from '../../lib/cloud/objectStore.ts';
import { Committer } from '../../lib/coordinator/commit.ts';
import { randomStream } from '../../lib/data/random.ts';
import { type RunEvent, taskSchema } from '../../lib/protocol/messages.ts';
import { isEnded, type RunState } from '../../lib/protocol/state.ts';
import { answerCheaply } from '../support/cheapSolver.ts';
import { testConfig } from '../support/runs.ts';
import { VirtualDeployment } from '../support/virtualRun.ts';

const INTERLEAVINGS = 40;
const MOST_TURNS = 4;
const config = testConfig({ shards: 4, stop: { maxRounds: 4 }, consensus: { momentum: 0.5 } });

/** A store whose reads and writes of the state take a random number of turns of the event loop. */
function interleaved(inner: ObjectStore, order: RandomGenerator, onLost: () => void): ObjectStore {
  const wait = async () => {
    for (let turns = uniformInt(order, 0, MOST_TURNS); turns > 0; turns--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    get: (key) => wait().then(() => inner.get(key)),
    getIfChanged: (key, etag) => inner.getIfChanged(key, etag),
    create: (key, body) => wait().then(() => inner.create(key, body)),
    replace: async (key, body, etag) => {
      await wait();
      const outcome = await inner.replace(key, body, etag);
      if (!outcome.replaced) onLost();
      return outcome;
    },
    list: (prefix) => inner.list(prefix),
    listPrefixes: (prefix) => inner.listPrefixes(prefix),
    delete: (keys) => inner.delete(keys),
  };
}

async function answersOf({ store, tasks, clock }: VirtualDeployment): Promise<RunEvent[]> {
  const answers: RunEvent[] = [];
  for (let message = await tasks.receive(); message; message = await tasks.receive()) {
    await tasks.acknowledge(message);
    const task = taskSchema.parse(JSON.parse(message.body));
    answers.push(await answerCheaply(store, task, 'worker-0', clock.nowMs));
  }
  return answers;
}

/** Every answer reaches every coordinator, as if the queue kept no group to itself; every second one gets them backwards. */
async function trainBy(coordinators: number, seed: number): Promise<{ state: RunState; lostRaces: number }> {
  const deployment = new VirtualDeployment();
  const run = await deployment.submit(config);
  const order = randomStream('interleaving', seed);
  let lostRaces = 0;
  const store = interleaved(deployment.store, order, () => {
    lostRaces += 1;
  });
  const committers = Array.from(
    { length: coordinators },
    () => new Committer(store, deployment.tasks, () => deployment.clock.nowMs),
  );
  while (!isEnded(deployment.state(run).status)) {
    const answers = await answersOf(deployment);
    expect(answers).not.toEqual([]);
    await Promise.all(
      committers.map((committer, i) => committer.take(run, i % 2 === 0 ? answers : answers.toReversed())),
    );
  }
  return { state: deployment.state(run), lostRaces };
}

test('two coordinators that take in the same answers at the same time give the bytes of one', async () => {
  const { state: alone } = await trainBy(1, 0);
  let lost = 0;
  for (let seed = 0; seed < INTERLEAVINGS; seed++) {
    const { state, lostRaces } = await trainBy(2, seed);
    expect(state).toMatchObject({
      ...{ status: 'done', version: alone.version },
      counters: { samplesSeen: alone.counters.samplesSeen },
    });
    expect(state.versions[4]?.digest).toBe(alone.versions[4]?.digest);
    lost += lostRaces;
  }
  expect(lost).toBeGreaterThan(INTERLEAVINGS);
});
