/** An asynchronous run with momentum, weight decay and a σ that changes, against its trace in numpy. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { advance } from '../../lib/coordinator/advance.ts';
import { fold } from '../../lib/coordinator/fold.ts';
import { initialState } from '../../lib/coordinator/initialState.ts';
import { ParameterMemory } from '../../lib/coordinator/memory.ts';
import { outboxOf } from '../../lib/coordinator/outbox.ts';
import { decodeParameters, encodeParameters } from '../../lib/coordinator/parameterVector.ts';
import { changePenalty } from '../../lib/coordinator/versions.ts';
import { newCommitId, newRunId } from '../../lib/protocol/ids.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import type { SolveTask } from '../../lib/protocol/messages.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { answerCheaply } from '../support/cheapSolver.ts';
import { MemoryObjectStore } from '../support/memoryCloud.ts';
import { testConfig } from '../support/runs.ts';

const traceSchema = z.object({
  shards: z.number(),
  arrivals: z.number(),
  momentum: z.number(),
  weightDecay: z.number(),
  penalty: z.number(),
  penaltyAfter: z.record(z.string(), z.number()),
  updates: z.array(
    z.object({
      ...{ shard: z.number(), solvedFrom: z.number() },
      ...{ z: z.array(z.number()), broadcast: z.array(z.number()) },
    }),
  ),
});

const layout = {
  length: 6,
  segments: [
    { name: 'W', shape: [2, 2], start: 0, end: 4, group: 'recurrent' as const, decays: true },
    { name: 'b', shape: [2], start: 4, end: 6, group: 'recurrent' as const, decays: false },
  ],
};

test('gives the same consensus variables and broadcast points', async () => {
  const text = await readFile(new URL('vectors/asynchronous.json', import.meta.url), 'utf8');
  const trace = traceSchema.parse(JSON.parse(text));
  const { arrivals, momentum, weightDecay, shards } = trace;
  const config = testConfig({
    shards,
    solver: { penalty: { recurrent: trace.penalty } },
    stop: { maxRounds: 1000 },
    consensus: { mode: 'async', arrivals, maxStaleness: 50, momentum, weightDecay },
  });
  const store = new MemoryObjectStore();
  const [run, commitId] = [newRunId('trace'), newCommitId()];
  const bytes = encodeParameters({ layout, values: new Float32Array(6).fill(0.5) });
  await store.create(runKeys(run).consensus(0, commitId), bytes);
  const initial = { version: 0, commitId, digest: sha256Hex(bytes), broadcastDigest: null };
  const shardSamples = Array.from({ length: shards }, (_, i) => 100 + 10 * i);
  let state: RunState = initialState({ run, config, initial, shardSamples, nowMs: 0 });
  const tasks = new Map(solvesIn(state));
  const memory = new ParameterMemory(6);

  for (const [index, update] of trace.updates.entries()) {
    const task = tasks.get(update.shard);
    expect(task?.version).toBe(update.solvedFrom);
    const answer = await answerCheaply(store, task as SolveTask, 'worker', 0);
    const clock = { nowMs: 0, revision: state.revision + 1 };
    const due = advance(config, state, [answer], clock);
    expect(due.fold?.partial === null).toBe(index === 0);
    const context = { store, run, config, memory, commitId: newCommitId() };
    const formed = await fold(context, due.fold as NonNullable<typeof due.fold>);
    const ready = advance(config, due.state, [formed], clock).state;
    const changed = trace.penaltyAfter[String(ready.version)];
    if (changed !== undefined) {
      changePenalty(ready, { input: changed, recurrent: changed, readout: changed });
    }
    state = ready;
    for (const [shard, next] of solvesIn(state)) tasks.set(shard, next);
    const entry = state.versions[state.version];
    const keys = runKeys(run);
    const stored = (key: string) => decodeParameters(store.objects.get(key)?.body ?? new Uint8Array(), key);
    const zKey = keys.consensus(state.version, entry?.commitId ?? '');
    expectClose(stored(zKey).values, update.z);
    const apart = entry?.broadcastDigest !== null;
    const key = apart ? keys.broadcast(state.version, entry?.commitId ?? '') : zKey;
    expectClose(stored(key).values, update.broadcast);
  }
});

function solvesIn(state: RunState): [number, SolveTask][] {
  return outboxOf(state).flatMap((task) => (task.kind === 'solve' ? [[task.shard, task]] : []));
}

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) {
    expect(Math.abs((actual[i] as number) - value)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(value)));
  }
}
