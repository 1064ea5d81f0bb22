import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everySample, type Samples } from '../../lib/data/samples.ts';
import { dealShards, type ShardingPlan } from '../../lib/data/sharding.ts';
import { ConfigError } from '../../lib/errors.ts';
import { datasetSchema } from '../../lib/protocol/config.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';

const shape: TaskShape = {
  timeSteps: 1,
  input: { kind: 'dense', features: 2, scale: 1 },
  target: { kind: 'classes', classes: 5 },
  readout: 'last',
};

function madeUp(count: number): Samples {
  const inputs = Uint8Array.from({ length: 2 * count }, (_, at) => (at * 37) % 251);
  return { count, inputs, targets: Int32Array.from({ length: count }, (_, at) => (at * 7) % 5) };
}

const deal = (samples: Samples, plan: ShardingPlan) =>
  dealShards(samples, everySample(samples.count), shape, plan);
const kinds = ['iid', 'label', 'hash'] as const;

describe('dealShards', () => {
  it('deals every sample once, in shards whose sizes differ by one at most', () => {
    const plans = fc.record({
      kind: fc.constantFrom(...kinds),
      shards: fc.integer({ min: 1, max: 30 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(plans, fc.nat(100), (plan, more) => {
        const count = plan.shards + more;
        const shards = deal(madeUp(count), plan);
        const sizes = shards.map(({ length }) => length);
        expect(shards.length).toBe(plan.shards);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        const all = shards.flatMap((shard) => [...shard]).sort((a, b) => a - b);
        expect(all).toEqual([...everySample(count)]);
      }),
    );
  });

  it('deals iid by the seed', () => {
    const of = (seed: number) => deal(madeUp(100), { kind: 'iid', shards: 4, seed });
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });

  it('deals by label so that a shard sees few of them', () => {
    const samples = madeUp(100);
    const shards = deal(samples, { kind: 'label', shards: 5, seed: 0 });
    shards.forEach((shard, label) => {
      expect(new Set(shard.map((index) => samples.targets[index] as number))).toEqual(new Set([label]));
    });
  });

  it('deals by hash whatever the seed and the order of the samples', () => {
    const samples = madeUp(60);
    const reversed: Samples = {
      count: 60,
      inputs: Uint8Array.from(
        { length: 120 },
        (_, at) => samples.inputs[2 * (59 - (at >> 1)) + (at & 1)] as number,
      ),
      targets: samples.targets.slice().reverse(),
    };
    const original = deal(samples, { kind: 'hash', shards: 4, seed: 1 });
    const other = deal(reversed, { kind: 'hash', shards: 4, seed: 2 });
    expect(other.map((shard) => [...shard].map((index) => 59 - index))).toEqual(
      original.map((shard) => [...shard]),
    );
  });

  it('refuses more shards than samples, and labels where a sample has none', () => {
    const refused = () => deal(madeUp(3), { kind: 'iid', shards: 4, seed: 0 });
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(/shards: expected at most 3, .* received 4/);
    const plan = { kind: 'label', shards: 2, seed: 0 } as const;
    const every: TaskShape = { ...shape, readout: 'every' };
    expect(() => dealShards(madeUp(9), everySample(9), every, plan)).toThrow(
      /dataset\.sharding: expected iid or hash/,
    );
  });

  it('knows every kind that the config knows', () => {
    for (const sharding of kinds)
      expect(datasetSchema.parse({ kind: 'digits', sharding }).sharding).toBe(sharding);
  });
});
