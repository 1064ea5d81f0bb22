import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitValidation } from '../../lib/data/split.ts';
import { DataError } from '../../lib/errors.ts';

describe('splitValidation', () => {
  it('cuts the samples in two that share none and miss none', () => {
    const fraction = fc.double({ min: 0.001, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 3, max: 200 }), fraction, (seed, samples, part) => {
        const { kept, heldOut } = splitValidation('set', seed, samples, part);
        expect(heldOut.length).toBe(Math.max(1, Math.round(samples * part)));
        const all = [...kept, ...heldOut].sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: samples }, (_, index) => index));
      }),
    );
  });

  it('depends on the seed', () => {
    const of = (seed: number) => splitValidation('set', seed, 1000, 0.1).heldOut;
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });

  it('refuses to hold out all there is', () => {
    expect(() => splitValidation('set', 0, 1, 0.1)).toThrow(DataError);
    expect(() => splitValidation('set', 0, 1, 0.1)).toThrow(
      /set: samples: expected at least 2, .* received 1/,
    );
  });
});
