/** How fast the coordinator reads, checks and adds contributions, against copying their bytes. */
import { MemoryObjectStore } from '../../../lib/cloud/memoryObjectStore.ts';
import type { StoredObject } from '../../../lib/cloud/objectStore.ts';
import { checksumHex } from '../../../lib/codec/checksum.ts';
import { sha256Hex } from '../../../lib/codec/digest.ts';
import { averageOf, releaseAverage } from '../../../lib/coordinator/averages.ts';
import { type FoldSource, WHOLE } from '../../../lib/coordinator/contributions.ts';
import { ParameterMemory } from '../../../lib/coordinator/memory.ts';
import {
  encodeParameters,
  layoutOf,
  type ParameterVector,
} from '../../../lib/coordinator/parameterVector.ts';
import type { FoldRequest } from '../../../lib/protocol/foldPlan.ts';
import { newCommitId, newRunId } from '../../../lib/protocol/ids.ts';
import { runKeys } from '../../../lib/protocol/keys.ts';
import { initialPenalties } from '../../../lib/protocol/resolve.ts';
import { emptyConfig, LARGE, SMALL } from '../emptyRuns.ts';
import { type FigureGroup, type FigureKind, sized } from '../figure.ts';
import { interleave, ratios } from '../repeat.ts';

const SHARDS = 8;

const kind: FigureKind = {
  figure: 'fold',
  title: 'GB/s of reading, checking and adding contributions against a plain copy of the same bytes',
  ...{ unit: '%', better: 'higher', must: 20, aim: 60 },
};

/** Objects as the client of a store leaves them, in memory: receiving them is not the fold's. Whoever reads one may free it. */
class ReceivedObjects extends MemoryObjectStore {
  #received = new Map<string, StoredObject>();

  /** Makes all objects ready to be read once. */
  receive(): void {
    this.#received = new Map(
      [...this.objects].map(([key, { body, etag }]) => [key, { body: body.slice(), etag }]),
    );
  }

  override async get(key: string): Promise<StoredObject | null> {
    return this.#received.get(key) ?? null;
  }
}

/** A square W: as many parameters as a network of so many hidden units has of it. */
function vectorOf(hiddenUnits: number, shard: number): ParameterVector {
  const layout = layoutOf([{ name: 'W', shape: [hiddenUnits, hiddenUnits] }]);
  return { layout, values: Float32Array.from({ length: layout.length }, (_, i) => Math.sin(i + shard)) };
}

const GIGA = 1e9;

/** GB/s of something done over and over for a while, without what is prepared for it. */
async function speedOf(
  bytes: number,
  forMs: number,
  once: () => Promise<void> | void,
  prepare: () => void = () => {},
): Promise<number> {
  let [times, spentMs] = [0, 0];
  do {
    prepare();
    const startMs = performance.now();
    await once();
    spentMs += performance.now() - startMs;
    times += 1;
  } while (spentMs < forMs);
  return (times * bytes) / GIGA / (spentMs / 1000);
}

export const fold: FigureGroup = {
  kinds: [kind],
  async measure(bench) {
    const { hiddenUnits } = sized(bench, LARGE, SMALL);
    const config = emptyConfig({ shards: SHARDS, rounds: 1, hiddenUnits });
    const run = newRunId(config.name);
    const store = new ReceivedObjects();
    const source: FoldSource = { store, run, memory: new ParameterMemory(1), part: WHOLE };
    const bodies: Uint8Array[] = [];
    const members: FoldRequest['members'] = [];
    for (let shard = 0; shard < SHARDS; shard += 1) {
      const body = encodeParameters(vectorOf(hiddenUnits, shard));
      const digest = checksumHex(body);
      await store.create(runKeys(run).contribution(shard, 0, digest), body);
      bodies.push(body);
      members.push({ shard, contribution: { version: 0, digest }, samples: 100 });
    }
    const penalty = initialPenalties(config);
    const commitId = newCommitId();
    const version = { version: 0, commitId, digest: sha256Hex(''), broadcastDigest: null };
    const request: FoldRequest = {
      ...{ version: 1, members, partial: null, keepsRemainder: false, previous: null, initial: null },
      current: { ...version, penalty, nextPenalty: penalty, remainderDigest: null },
      ...{ penalty, meanStepSquaredNorm: 0 },
    };
    const z = vectorOf(hiddenUnits, 0);
    const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
    const copies = bodies.map((body) => new Uint8Array(body.length));
    const forMs = sized(bench, 1500, 20);
    const foldOnce = async (): Promise<void> =>
      releaseAverage(source, await averageOf(source, request, z, config));
    const copyOnce = (): void => {
      for (const [i, copy] of copies.entries()) copy.set(bodies[i] as Uint8Array);
    };
    const foldSpeed = () => speedOf(bytes, forMs, foldOnce, () => store.receive());
    await foldSpeed();
    await speedOf(bytes, forMs, copyOnce);
    const raw = await interleave(bench.repetitions, {
      foldGigabytesPerSecond: foldSpeed,
      copyGigabytesPerSecond: () => speedOf(bytes, forMs, copyOnce),
    });
    const shares = ratios(raw.foldGigabytesPerSecond, raw.copyGigabytesPerSecond);
    return [{ ...kind, values: shares.map((share) => 100 * share), raw }];
  },
};
