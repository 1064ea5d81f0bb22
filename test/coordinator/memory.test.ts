import { expect, test } from 'vitest';
import { SumBuffer } from '../../lib/consensus/sumBuffer.ts';
import { ParameterMemory } from '../../lib/coordinator/memory.ts';

test('a buffer that was handed back is taken again by who needs that length, all zero, and by one alone', () => {
  const memory = new ParameterMemory(1);
  const first = memory.takeBuffer(3);
  first.values.fill(7);
  memory.giveBuffer(first);
  expect(memory.takeBuffer(4)).not.toBe(first);
  const again = memory.takeBuffer(3);
  expect(again).toBe(first);
  expect([...again.values]).toEqual([0, 0, 0]);
  expect(memory.takeBuffer(3)).not.toBe(first);
});

test('of buffers that were handed back the newest is kept', () => {
  const memory = new ParameterMemory(1);
  const given = [1, 1].map((length) => new SumBuffer(length));
  for (const buffer of given) memory.giveBuffer(buffer);
  expect(memory.takeBuffer(1)).toBe(given[1]);
  expect(given).not.toContain(memory.takeBuffer(1));
});

const setOf = (value: number) => ({ layout: { length: 1, segments: [] }, values: Float32Array.of(value) });

test('what is over the capacity is kept while anybody uses the memory, and then gives its memory back, oldest first', async () => {
  const memory = new ParameterMemory(2);
  const [a, b, c] = [1, 2, 3].map(setOf);
  const others = Promise.withResolvers<void>();
  const other = memory.use(() => others.promise);
  await memory.use(async () => {
    for (const [i, set] of [a, b, c].entries()) memory.set(`${i}`, set as NonNullable<typeof set>);
    expect(memory.get('0')).toBe(a);
  });
  expect([a, b, c].map((set) => set?.values[0])).toEqual([1, 2, 3]);
  others.resolve();
  await other;
  expect(memory.get('1')).toBeUndefined();
  expect(b?.values.length).toBe(0);
  expect([memory.get('0'), memory.get('2')]).toEqual([a, c]);
});

test('a use that fails ends as others do', async () => {
  const memory = new ParameterMemory(0);
  const set = setOf(1);
  const failing = memory.use(async () => {
    memory.set('a', set);
    throw new Error('no store');
  });
  await expect(failing).rejects.toThrow('no store');
  expect(memory.get('a')).toBeUndefined();
  expect(set.values.length).toBe(0);
});
