import { describe, expect, it } from 'vitest';
import { GrowingArray } from '../../lib/data/growingArray.ts';

describe('GrowingArray', () => {
  it('keeps everything pushed, over many growths', () => {
    const array = new GrowingArray<Int32Array<ArrayBuffer>>(Int32Array);
    expect(array.view().length).toBe(0);
    for (let value = 0; value < 10_000; value++) array.push(value);
    expect(array.view()).toEqual(Int32Array.from({ length: 10_000 }, (_, index) => index));
  });
});
