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
