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

/** A run that has formed all its versions and is about to end; versions 2, 4 and 6 are kept. */
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
  return state;
}

const clock = (revision: number) => ({ nowMs: 2000, revision });

describe('the closing average', () => {
  test('is due when no more rounds come, over the newest version and the last evaluated ones', () => {
    const { state, average } = advance(config, lastRound(), [], clock(1));
    expect(state.status).toBe('finishing');
    expect(average?.version).toBe(7);
    expect(average?.entries.map(({ version }) => version)).toEqual([6, 4, 2]);
  });

  test('is measured beside the newest version, and wins by its validation loss alone', () => {
    const { state } = advance(config, lastRound(), [], clock(1));
    const stored = { version: 7, commitId: newCommitId(), digest: digestOf('mean'), broadcastDigest: null };
    const formed = advance(config, state, [{ kind: 'averaged', stored }], clock(1));
    expect(formed.average).toBeNull();
    const { outstanding } = formed.state.evaluations;
    expect(outstanding.map(({ version }) => version).sort()).toEqual([6, 7]);
    for (const [losses, chosen] of [[{ 6: 0.5, 7: 0.4 }, 7] as const, [{ 6: 0.4, 7: 0.5 }, 6] as const]) {
      const answers = ([7, 6] as const).map((version) =>
        evaluated(formed.state.run, version, losses[version]),
      );
      const { state: decided } = advance(config, formed.state, answers, clock(2));
      expect(decided.model?.version).toBe(chosen);
      expect(decided.evaluations.latest?.version).toBe(6);
      expect(decided.evaluations.outstanding.map(({ kind, version }) => [kind, version])).toEqual([
        ['test', chosen],
      ]);
    }
  });

  test('is not formed of fewer than two versions, nor where the config turns it off', () => {
    const state = lastRound();
    for (const version of [2, 4]) delete state.versions[version];
    expect(advance(config, state, [], clock(1)).average).toBeNull();
    const off = { ...config, consensus: { ...config.consensus, averagedVersions: 0 } };
    expect(advance(off, lastRound(), [], clock(1)).average).toBeNull();
  });

  test('is the mean of z, stored under its own number', async () => {
    const store = new MemoryObjectStore();
    const { state } = advance(config, lastRound(), [], clock(1));
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
