import { describe, expect, test } from 'vitest';
import { chooseRun } from '../../lib/cli/runArgument.ts';
import { UsageError } from '../../lib/errors.ts';

const first = 'mnist-01J00000000000000000000001';
const second = 'mnist-01J00000000000000000000002';
const newest = 'imdb-01J00000000000000000000003';
const other = 'imdb-small-01H00000000000000000000000';
const runs = [newest, other, first, second];

describe('a run is named by', () => {
  test.each([
    ['its id', first, first],
    ['a beginning that no other has', 'imdb-s', other],
    ['nearly all of its id', first.slice(0, -1).concat('2'), second],
    ['"latest", whatever its name', 'latest', newest],
  ])('%s', (_, word, run) => {
    expect(chooseRun(runs, word)).toBe(run);
  });

  test('its id where that is the beginning of another', () => {
    expect(chooseRun([first, `${first}0`], first)).toBe(first);
  });
});

const refusal = (word: string, among: readonly string[] = runs): string => {
  try {
    return chooseRun(among, word);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
};

describe('refused is', () => {
  const expected = 'expected an id, the beginning of one, or "latest"';

  test('what several begin with, with the newest of them first', () => {
    expect(refusal('mnist')).toBe(
      `run "mnist": ${expected}, received what 2 begin with: ${second}, ${first}`,
    );
  });

  test('what none begins with, with those that hold it', () => {
    expect(refusal('SMALL')).toBe(`run "SMALL": ${expected}, received what none begins with; near: ${other}`);
  });

  test('what none holds, with those that begin most like it, and no long list', () => {
    expect(refusal('mnits')).toContain(`; near: ${second}, ${first}, ${newest}`);
    const many = Array.from({ length: 9 }, (_, i) => `a-01J0000000000000000000000${i}`);
    expect(refusal('b', many)).toMatch(/(a-\w{26}, ){4}a-\w{26} and 4 more$/);
  });

  test('anything where there are none', () => {
    expect(refusal('latest', [])).toBe(`run "latest": ${expected}, but there are no runs`);
  });
});
