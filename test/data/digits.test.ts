import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { generateDigits, loadDigits } from '../../lib/data/digits.ts';
import type { Samples } from '../../lib/data/samples.ts';

const picture = ({ inputs }: Samples, index: number) =>
  Buffer.from(inputs.subarray(index * 784, (index + 1) * 784)).toString('hex');

const tally = (labels: Iterable<number>): number[] => {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Array.from({ length: 10 }, (_, label) => counts.get(label) ?? 0);
};

const picturesOf = (samples: Samples, label: number): number[] =>
  [...samples.targets.keys()].filter((index) => samples.targets[index] === label);

/** How often the nearest of the classes' mean training pictures names the digit of a test picture. */
function nearestMeanAccuracy(train: Samples, test: Samples): number {
  const pixel = (samples: Samples, index: number, at: number) => samples.inputs[index * 784 + at] as number;
  const means = Array.from({ length: 10 }, (_, label) => {
    const members = picturesOf(train, label);
    return Float64Array.from({ length: 784 }, (_, at) =>
      members.reduce((sum, index) => sum + pixel(train, index, at) / members.length, 0),
    );
  });
  const distance = (index: number, mean: Float64Array) =>
    mean.reduce((sum, value, at) => sum + (value - pixel(test, index, at)) ** 2, 0);
  const right = [...test.targets].filter((label, index) => {
    const distances = means.map((mean) => distance(index, mean));
    return distances.indexOf(Math.min(...distances)) === label;
  });
  return right.length / test.count;
}

describe('generateDigits', () => {
  it('gives the very same pictures everywhere', () => {
    const { inputs, targets } = generateDigits(0, 'train', 200);
    expect(sha256Hex(inputs as Uint8Array)).toMatchInlineSnapshot(
      `"5ce254c1a18a325bf9209e2d6c652ef8b5a50b6fd05df3d202cdedf640f0b7ba"`,
    );
    expect([...targets.subarray(0, 12)]).toMatchInlineSnapshot(`
      [
        7,
        5,
        6,
        7,
        2,
        3,
        0,
        6,
        1,
        9,
        5,
        8,
      ]
    `);
  });

  it('begins a larger set with the smaller one', () => {
    const small = generateDigits(3, 'train', 5);
    const large = generateDigits(3, 'train', 9);
    expect(large.inputs.subarray(0, small.inputs.length)).toEqual(small.inputs);
    expect(large.targets.subarray(0, 5)).toEqual(small.targets);
  });

  it('draws test pictures that are not among the training pictures, and others for another seed', () => {
    const seen = new Set<string>();
    const sets = [
      generateDigits(0, 'train', 300),
      generateDigits(0, 'test', 300),
      generateDigits(1, 'train', 300),
    ];
    for (const set of sets) for (let i = 0; i < set.count; i++) seen.add(picture(set, i));
    expect(seen.size).toBe(900);
  });

  it('draws every digit about equally often, well inside the picture', () => {
    const { inputs, targets, count } = generateDigits(0, 'train', 3000);
    const counts = tally(targets);
    expect(Math.min(...counts)).toBeGreaterThan(240);
    expect(Math.max(...counts)).toBeLessThan(360);
    const mean = [...inputs].reduce((sum, value) => sum + value / inputs.length, 0) / 255;
    expect(mean).toBeGreaterThan(0.06);
    expect(mean).toBeLessThan(0.2);
    for (let i = 0; i < count; i++) {
      expect(Math.max(...inputs.subarray(i * 784, (i + 1) * 784)), `picture ${i} is blank`).toBeGreaterThan(
        120,
      );
    }
  });

  it('is a real problem: mean pictures tell far more than chance and far less than all', () => {
    const accuracy = nearestMeanAccuracy(generateDigits(0, 'train', 3000), generateDigits(0, 'test', 500));
    expect(accuracy).toBeGreaterThan(0.4);
    expect(accuracy).toBeLessThan(0.8);
  });
});

describe('loadDigits', () => {
  it('gives the numbers of samples asked for, and reports progress to the end', async () => {
    const seen: number[] = [];
    const loaded = await loadDigits(
      {
        kind: 'digits',
        trainSamples: 1500,
        testSamples: 30,
        generatorSeed: 1,
        validationFraction: 0.1,
        sharding: 'iid',
      },
      { onProgress: ({ done, total }) => seen.push(done / total) },
    );
    expect([loaded.train.count, loaded.test.count]).toEqual([1500, 30]);
    expect(loaded.shape).toMatchObject({ timeSteps: 28, readout: 'last', target: { classes: 10 } });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });
});
