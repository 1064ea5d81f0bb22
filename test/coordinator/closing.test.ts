import { describe, expect, test } from 'vitest';
import { MemoryObjectStore } from '../../lib/cloud/memoryObjectStore.ts';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { decodeSafetensors, encodeSafetensors } from '../../lib/codec/safetensors.ts';
import { advance } from '../../lib/coordinator/advance.ts';
import { formAverage } from '../../lib/coordinator/formAverage.ts';
import { ParameterMemory } from '../../lib/coordinator/memory.ts';
import { encodeParameters } from '../../lib/coordinator/parameterVector.ts';
import { newCommitId } from '../../lib/protocol/ids.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { digestOf, evaluated, testConfig, testState } from '../support/runs.ts';

const config = testConfig({
  stop: { maxRounds: 6 },
  evaluation: { everyRounds: 2 },
  consensus: { averagedVersions: 3 },
});

/** A run that has formed all its versions and is about to end; versions 2 and 4 are measured, 6 is to be. */
function lastRound(): RunState {
  const state = testState(config);
  const entry = state.versions[0];
  if (entry === undefined) throw new Error('no version 0');
  for (const version of [2, 4, 5, 6]) {
    state.versions[version] = { ...entry, version, commitId: newCommitId(), digest: digestOf(`z${version}`) };
  }
  state.version = 6;
  for (const shard of state.shards) shard.task = null;
  state.evaluations.outstanding = [];
  state.evaluations.lowest = [
    { version: 4, loss: 0.5 },
    { version: 2, loss: 0.6 },
  ];
  return state;
}

const clock = (revision: number) => ({ nowMs: 2000, revision });

describe('the closing average', () => {
  test('is due when no more rounds come and all are measured, over the versions with the lowest losses', () => {
    const waiting = advance(config, lastRound(), [], clock(1));
    expect(waiting.state.status).toBe('finishing');
    expect(waiting.average).toBeNull();
    for (const [loss, versions] of [[0.55, [4, 6, 2]] as const, [0.7, [4, 2, 6]] as const]) {
      const answer = evaluated(waiting.state.run, 6, loss);
      const { average, state } = advance(config, waiting.state, [answer], clock(2));
      expect(average?.version).toBe(7);
      expect(average?.entries.map(({ version }) => version)).toEqual(versions);
      expect(state.model).toBeNull();
    }
  });

  test('leaves out the versions with higher losses, and z_0', () => {
    const two = { ...config, consensus: { ...config.consensus, averagedVersions: 2 } };
    const { state } = advance(two, lastRound(), [], clock(1));
    const answers = [evaluated(state.run, 6, 0.55)];
    const { average } = advance(two, state, answers, clock(2));
    expect(average?.entries.map(({ version }) => version)).toEqual([4, 6]);
  });

  test('is measured beside the newest version, and wins by its validation loss alone', () => {
    const { state: last } = advance(config, lastRound(), [], clock(1));
    const { state } = advance(config, last, [evaluated(last.run, 6, 0.45)], clock(2));
    const stored = { version: 7, commitId: newCommitId(), digest: digestOf('mean'), broadcastDigest: null };
    const formed = advance(config, state, [{ kind: 'averaged', stored }], clock(2));
    expect(formed.average).toBeNull();
    expect(formed.state.evaluations.outstanding.map(({ version }) => version)).toEqual([7]);
    for (const [loss, chosen] of [[0.4, 7] as const, [0.5, 6] as const]) {
      const answer = evaluated(formed.state.run, 7, loss);
      const { state: decided } = advance(config, formed.state, [answer], clock(3));
      expect(decided.model?.version).toBe(chosen);
      expect(decided.evaluations.latest?.version).toBe(6);
      expect(decided.evaluations.outstanding.map(({ kind, version }) => [kind, version])).toEqual([
        ['test', chosen],
      ]);
    }
  });

  test('is not formed of fewer than two versions, nor where the config turns it off', () => {
    const alone = lastRound();
    alone.evaluations.lowest = [];
    const { state, average } = advance(config, alone, [evaluated(alone.run, 6, 0.4)], clock(1));
    expect([average, state.closing]).toEqual([null, null]);
    const off = { ...config, consensus: { ...config.consensus, averagedVersions: 0 } };
    expect(advance(off, lastRound(), [], clock(1)).average).toBeNull();
  });

  test('is the mean of z, stored under its own number', async () => {
    const store = new MemoryObjectStore();
    const state = lastRound();
    const segment = { name: 'c', shape: [2], start: 0, end: 2, group: 'readout', decays: false } as const;
    const layout = { length: 2, segments: [segment] };
    const entries = [1, 4].map((value, i) => {
      const bytes = encodeParameters({ layout, values: Float32Array.of(value, -value) });
      const commitId = newCommitId();
      return {
        entry: { ...state.versions[6], version: 6 - 2 * i, commitId, digest: sha256Hex(bytes) },
        bytes,
      };
    });
    for (const { entry, bytes } of entries) {
      await store.create(runKeys(state.run).consensus(entry.version, entry.commitId), bytes);
    }
    const commitId = newCommitId();
    const source = { store, run: state.run, memory: new ParameterMemory(4), commitId };
    const request = {
      kind: 'closing' as const,
      version: 7,
      entries: entries.map(({ entry }) => entry as RunState['versions'][string]),
    };
    const { stored } = await formAverage(source, request);
    const object = await store.get(runKeys(state.run).consensus(7, commitId));
    expect(sha256Hex(object?.body ?? new Uint8Array())).toBe(stored.digest);
    const { tensors } = decodeSafetensors(object?.body ?? encodeSafetensors(new Map()), 'mean');
    expect([...(tensors.get('c')?.data ?? [])]).toEqual([2.5, -2.5]);
  });
});
