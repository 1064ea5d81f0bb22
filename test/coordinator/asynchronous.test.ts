import { describe, expect, test } from 'vitest';
import { MemoryObjectStore } from '../../lib/cloud/memoryObjectStore.ts';
import { MeteredObjectStore } from '../../lib/cloud/meteredObjectStore.ts';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { fold } from '../../lib/coordinator/fold.ts';
import { ParameterMemory } from '../../lib/coordinator/memory.ts';
import { decodeParameters, encodeParameters } from '../../lib/coordinator/parameterVector.ts';
import type { Change, FoldRequest, Member } from '../../lib/protocol/foldPlan.ts';
import { newCommitId, newRunId } from '../../lib/protocol/ids.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import type { VersionEntry } from '../../lib/protocol/state.ts';
import { testConfig } from '../support/runs.ts';
import { scatter } from '../support/tasks.ts';
import { VirtualDeployment } from '../support/virtualRun.ts';

const LENGTH = 4096;
const SHARDS = 8;
const penalty = { input: 0.1, recurrent: 0.1, readout: 0.01 };
const layout = {
  length: LENGTH,
  segments: [
    { name: 'W', shape: [64, 64], start: 0, end: LENGTH, group: 'recurrent' as const, decays: true },
  ],
};

/** A run of one parameter tensor, folded by hand. */
class Folds {
  readonly run = newRunId('folds');
  readonly memoryStore = new MemoryObjectStore();
  readonly store = new MeteredObjectStore(this.memoryStore);
  memory = new ParameterMemory(6);
  readonly config;

  constructor(weightDecay = 0) {
    this.config = testConfig({ consensus: { mode: 'async', weightDecay } });
  }

  async contribute(shard: number, version: number, seed: number): Promise<Member> {
    const bytes = encodeParameters({ layout, values: Float32Array.from(scatter(LENGTH, seed)) });
    const digest = sha256Hex(bytes);
    await this.memoryStore.create(runKeys(this.run).contribution(shard, version, digest), bytes);
    return { shard, samples: 100 + shard, contribution: { version, digest } };
  }

  async begin(): Promise<VersionEntry> {
    const commitId = newCommitId();
    const bytes = encodeParameters({ layout, values: new Float32Array(LENGTH) });
    await this.memoryStore.create(runKeys(this.run).consensus(0, commitId), bytes);
    const stored = { version: 0, commitId, digest: sha256Hex(bytes), broadcastDigest: null };
    return { ...stored, penalty, nextPenalty: penalty, remainderDigest: null };
  }

  async fold(
    request: Pick<FoldRequest, 'version' | 'members' | 'partial' | 'current'>,
  ): Promise<VersionEntry> {
    const { run, store, memory, config } = this;
    const context = { run, store, memory, config, commitId: newCommitId() };
    const rest = { keepsRemainder: true, previous: null, initial: null, penalty, meanStepSquaredNorm: 1 };
    const outcome = await fold(context, { ...request, ...rest });
    if (outcome.kind !== 'formed') throw new Error(outcome.reason);
    const { stored, remainderDigest } = outcome;
    return { ...stored, penalty, nextPenalty: penalty, remainderDigest };
  }

  values({ version, commitId }: VersionEntry): Float32Array {
    const key = runKeys(this.run).consensus(version, commitId);
    const object = this.memoryStore.objects.get(key);
    if (object === undefined) throw new Error(`nothing at ${key}`);
    return decodeParameters(object.body, key).values;
  }
}

const totalOf = (members: readonly Member[]) => members.reduce((sum, { samples }) => sum + samples, 0);

describe('a partial update', () => {
  test.each([0, 0.3])(
    'gives after 200 of them what a full one gives, with weight decay %f',
    async (decay) => {
      const folds = new Folds(decay);
      const members = await Promise.all(
        Array.from({ length: SHARDS }, (_, i) => folds.contribute(i, 0, 7 * i)),
      );
      let current = await folds.fold({ version: 1, members, partial: null, current: await folds.begin() });
      for (let version = 2; version <= 200; version++) {
        const shard = (version * 5) % SHARDS;
        const after = await folds.contribute(shard, version - 1, version * 31);
        const change = { shard, samples: after.samples, before: members[shard]?.contribution ?? null };
        members[shard] = after;
        const changes = [{ ...change, after: after.contribution }] as Change[];
        const remainderDigest = current.remainderDigest ?? '';
        const partial = { changes, totalSamples: totalOf(members), remainderDigest };
        // A process that begins cold gets the same bytes as one that remembers.
        if (version % 3 === 0) folds.memory = new ParameterMemory(6);
        current = await folds.fold({ version, members, partial, current });
      }
      const full = await folds.fold({ version: 201, members, partial: null, current });
      // Where w̄ lies between two numbers of float32, either may come out.
      const [partly, anew] = [folds.values(current), folds.values(full)];
      const differing = partly.reduce((count, value, i) => count + (value === anew[i] ? 0 : 1), 0);
      expect(differing).toBeLessThan(LENGTH / 500);
      for (const [i, value] of partly.entries()) {
        const spacing = 2 ** -22 * Math.max(Math.abs(value), 2 ** -20);
        expect(Math.abs(value - (anew[i] as number))).toBeLessThanOrEqual(spacing);
      }
    },
  );

  test.each([1, 3])(
    'of %i arrivals moves at most (2A + 4) P bytes, a full one (N + 2) P',
    async (arrivals) => {
      const folds = new Folds();
      const { store } = folds;
      const members = await Promise.all(Array.from({ length: SHARDS }, (_, i) => folds.contribute(i, 0, i)));
      const initial = await folds.begin();
      const sizeBytes = encodeParameters({ layout, values: new Float32Array(LENGTH) }).length;
      const moved = async (work: () => Promise<VersionEntry>): Promise<[number, VersionEntry]> => {
        const before = store.readBytes + store.writtenBytes;
        const entry = await work();
        return [(store.readBytes + store.writtenBytes - before) / sizeBytes, entry];
      };
      const [cold, first] = await moved(() =>
        folds.fold({ version: 1, members, partial: null, current: initial }),
      );
      // A process that does not have z yet reads it once.
      expect(cold).toBeLessThanOrEqual(SHARDS + 3);
      const [warm, second] = await moved(() =>
        folds.fold({ version: 2, members, partial: null, current: first }),
      );
      expect(warm).toBeLessThanOrEqual(SHARDS + 2);
      const changes: Change[] = [];
      for (let shard = 0; shard < arrivals; shard++) {
        const after = await folds.contribute(shard, 2, 100 + shard);
        const before = members[shard]?.contribution ?? null;
        changes.push({ shard, samples: after.samples, before, after: after.contribution } as Change);
        members[shard] = after;
      }
      const remainderDigest = second.remainderDigest ?? '';
      const partial = { changes, totalSamples: totalOf(members), remainderDigest };
      folds.memory = new ParameterMemory(6);
      const [partly] = await moved(() => folds.fold({ version: 3, members, partial, current: second }));
      expect(partly).toBeLessThanOrEqual(2 * arrivals + 4);
    },
  );

  test('whose remainder is lost forms the average anew', async () => {
    const folds = new Folds();
    const members = await Promise.all(Array.from({ length: SHARDS }, (_, i) => folds.contribute(i, 0, i)));
    const current = await folds.fold({ version: 1, members, partial: null, current: await folds.begin() });
    folds.memory = new ParameterMemory(6);
    await folds.memoryStore.delete([runKeys(folds.run).remainder(1, current.commitId)]);
    const partial = { changes: [], totalSamples: totalOf(members), remainderDigest: 'f'.repeat(64) };
    const next = await folds.fold({ version: 2, members, partial, current });
    expect(folds.values(next)).toEqual(folds.values(current));
  });
});

describe('an asynchronous run', () => {
  const consensus = { momentum: 0.5, weightDecay: 0.01 };
  const digestsOf = async (mode: { mode: 'sync' } | { mode: 'async'; arrivals: number }) => {
    const config = testConfig({ shards: 4, stop: { maxRounds: 6 }, consensus: { ...consensus, ...mode } });
    const deployment = new VirtualDeployment({ workers: 3 });
    const run = await deployment.submit(config);
    const [state] = await deployment.runToEnd([run]);
    return { digest: state?.versions[6]?.digest, keys: [...deployment.store.objects.keys()] };
  };

  test('that waits for all shards forms the bytes of a synchronous one, and keeps no remainders', async () => {
    const synchronous = await digestsOf({ mode: 'sync' });
    const asynchronous = await digestsOf({ mode: 'async', arrivals: 4 });
    expect(asynchronous.digest).toBe(synchronous.digest);
    expect(asynchronous.keys.filter((key) => key.includes('remainder'))).toEqual([]);
    expect(
      (await digestsOf({ mode: 'async', arrivals: 1 })).keys.some((key) => key.includes('remainder')),
    ).toBe(true);
  });
});
