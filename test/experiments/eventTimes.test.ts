import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventTimes } from '../../bench/experiments/trials/eventTimes.ts';

test('events come by their time, and those of one time in the order in which they were added', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5 })), (times) => {
      const events = new EventTimes<number>();
      times.forEach((atMs, i) => {
        events.add(atMs, i);
      });
      const expected = times.map((atMs, event) => ({ atMs, event })).sort((a, b) => a.atMs - b.atMs);
      expect(times.map(() => events.takeFirst())).toEqual(expected);
      expect(events.takeFirst()).toBeNull();
    }),
  );
});

test('cleared, none is left', () => {
  const events = new EventTimes<string>();
  events.add(1, 'a');
  events.clear();
  expect(events.takeFirst()).toBeNull();
});
