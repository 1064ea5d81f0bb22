import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { encodeSafetensors, type TensorArray } from '../../lib/codec/safetensors.ts';
import { decodePart, encodePart } from '../../lib/data/part.ts';
import type { Samples } from '../../lib/data/samples.ts';
import { IntegrityError } from '../../lib/errors.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';

const classes = { kind: 'classes', classes: 3 } as const;
const pixels: TaskShape = {
  timeSteps: 2,
  input: { kind: 'dense', features: 3, scale: 1 / 255 },
  target: classes,
  readout: 'last',
};
const words: TaskShape = {
  timeSteps: 2,
  input: { kind: 'oneHot', vocabulary: 9, padded: true },
  target: classes,
  readout: 'every',
};
const values: TaskShape = { ...pixels, target: { kind: 'values', size: 2 }, readout: 'every' };

const partOf = (bytes: Uint8Array, samples: number) => ({
  samples,
  digest: sha256Hex(bytes),
  sizeBytes: bytes.length,
});
const decode = (bytes: Uint8Array, samples: number, shape: TaskShape) =>
  decodePart(bytes, partOf(bytes, samples), shape, 'the/key');

const encoded = (inputs: [number[], TensorArray], targets: [number[], TensorArray]) =>
  encodeSafetensors(
    new Map([
      ['inputs', { shape: inputs[0], data: inputs[1] }],
      ['targets', { shape: targets[0], data: targets[1] }],
    ]),
  );
const labels: [number[], Int32Array<ArrayBuffer>] = [[1], Int32Array.of(2)];

describe('encodePart and decodePart', () => {
  it.each<[string, TaskShape, Samples, number[], number[]]>([
    [
      'pixels',
      pixels,
      { count: 2, inputs: Uint8Array.from({ length: 12 }, (_, i) => i), targets: Int32Array.of(0, 2) },
      [6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5],
      [2, 0],
    ],
    [
      'words',
      words,
      { count: 2, inputs: Int32Array.of(0, 8, 3, 4), targets: Int32Array.of(0, 1, 2, 0) },
      [3, 4, 0, 8],
      [2, 0, 0, 1],
    ],
    [
      'values',
      values,
      {
        count: 2,
        inputs: Float32Array.from({ length: 12 }, (_, i) => i / 2),
        targets: Float32Array.from({ length: 8 }, (_, i) => -i),
      },
      [3, 3.5, 4, 4.5, 5, 5.5, 0, 0.5, 1, 1.5, 2, 2.5],
      [-4, -5, -6, -7, -0, -1, -2, -3],
    ],
  ])('keeps %s, in the order asked for', (_, shape, samples, inputs, targets) => {
    const part = decode(encodePart(samples, Int32Array.of(1, 0), shape), 2, shape);
    expect(part.samples).toBe(2);
    expect([...part.inputs]).toEqual(inputs);
    expect([...part.targets]).toEqual(targets);
    expect(part.inputs.constructor).toBe(samples.inputs.constructor);
    expect(part.targets.constructor).toBe(samples.targets.constructor);
  });

  const f32 = (...numbers: number[]) => Float32Array.from(numbers);
  it.each<[string, TaskShape, Uint8Array, RegExp]>([
    [
      'a pixel that is not finite',
      pixels,
      encoded([[1, 2, 3], f32(0, 1, 2, Number.NaN, 4, 5)], labels),
      /inputs\[3\]: expected a finite value, received NaN/,
    ],
    [
      'an infinite target',
      values,
      encoded([[1, 2, 3], f32(0, 0, 0, 0, 0, 0)], [[1, 2, 2], f32(0, 0, 1 / 0, 0)]),
      /targets\[2\]: expected a finite value, received Infinity/,
    ],
    [
      'a label out of range',
      pixels,
      encoded([[1, 2, 3], new Uint8Array(6)], [[1], Int32Array.of(3)]),
      /targets\[0\]: expected 0 to 2, received 3/,
    ],
    [
      'a negative token',
      words,
      encoded([[1, 2], Int32Array.of(1, -1)], [[1, 2], Int32Array.of(0, 0)]),
      /inputs\[1\]: expected 0 to 8, received -1/,
    ],
    [
      'another shape',
      pixels,
      encoded([[1, 3, 2], new Uint8Array(6)], labels),
      /inputs: expected shape \[1,2,3\], received \[1,3,2\]/,
    ],
    [
      'another dtype',
      pixels,
      encoded([[1, 2, 3], new Int32Array(6)], labels),
      /inputs: expected dtype F32, received Int32Array/,
    ],
    [
      'labels that are not integers',
      pixels,
      encoded([[1, 2, 3], new Uint8Array(6)], [[1], f32(1)]),
      /targets: expected dtype I32, received Float32Array/,
    ],
    [
      'no targets',
      pixels,
      encodeSafetensors(new Map([['inputs', { shape: [1, 2, 3], data: new Uint8Array(6) }]])),
      /targets: expected a tensor of shape \[1\], received none/,
    ],
  ])('refuses %s', (_, shape, bytes, message) => {
    expect(() => decode(bytes, 1, shape)).toThrow(IntegrityError);
    expect(() => decode(bytes, 1, shape)).toThrow(message);
    expect(() => decode(bytes, 1, shape)).toThrow(/^the\/key: /);
  });

  it('refuses bytes that are not those of the manifest', () => {
    const bytes = encoded([[1, 2, 3], new Uint8Array(6)], labels);
    const part = partOf(bytes, 1);
    expect(() => decodePart(bytes.subarray(1), part, pixels, 'k')).toThrow(/size: expected \d+ bytes/);
    const changed = bytes.slice();
    changed[changed.length - 4] = 1;
    expect(() => decodePart(changed, part, pixels, 'k')).toThrow(/digest: expected/);
  });
});
