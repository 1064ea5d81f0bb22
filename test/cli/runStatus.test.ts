import { describe, expect, test } from 'vitest';
import { runTable } from '../../lib/cli/commands/list.ts';
import { runStatus } from '../../lib/cli/runStatus.ts';
import { advance } from '../../lib/coordinator/advance.ts';
import { runRow } from '../../lib/observe/runList.ts';
import { nextState } from '../support/pureRun.ts';
import { solved, testConfig, testState } from '../support/runs.ts';

const config = testConfig();
const begun = testState(config, 1000);
const look = { session: true, nowMs: 3500 };

describe('how a run stands', () => {
  test('names the tasks it waits for, and for how long', () => {
    const { waiting } = runStatus({ config, state: begun }, look);
    expect(waiting).toEqual([
      { kind: 'solve', shard: 0, version: 0, attempt: 0, waitingSeconds: 2.5 },
      { kind: 'solve', shard: 1, version: 0, attempt: 0, waitingSeconds: 2.5 },
      { kind: 'solve', shard: 2, version: 0, attempt: 0, waitingSeconds: 2.5 },
      { kind: 'evaluate', shard: null, version: 0, attempt: 0, waitingSeconds: 2.5 },
    ]);
  });

  test('names the blocks of the next version that it waits for', () => {
    const inBlocks = testConfig({ shards: 1, consensus: { blocks: 2 } });
    const first = testState(inBlocks, 1000);
    const state = nextState(advance, inBlocks, first, [solved(first.run, 0, 0)], 1500);
    const { waiting } = runStatus({ config: inBlocks, state }, look);
    expect(waiting.filter(({ kind }) => kind === 'fold')).toEqual([
      { kind: 'fold', shard: null, block: 0, version: 1, attempt: 0, waitingSeconds: 2 },
      { kind: 'fold', shard: null, block: 1, version: 1, attempt: 0, waitingSeconds: 2 },
    ]);
  });

  test('an ended run waits for nothing', () => {
    const state = { ...begun, status: 'failed' as const, reason: 'shard 1 was given up' };
    expect(runStatus({ config, state }, look)).toMatchObject({
      waiting: [],
      reason: state.reason,
      model: null,
    });
  });

  test.each([
    ['a synchronous run on one kind of backend', 'sync', ['a/1'], true],
    ['one on two kinds', 'sync', ['a/1', 'b/1'], false],
    ['an asynchronous one', 'async', ['a/1'], false],
  ] as const)('%s: reproducible or not', (_, mode, fingerprints, reproducible) => {
    const state = { ...begun, fingerprints: [...fingerprints] };
    const status = runStatus({ config: testConfig({ consensus: { mode } }), state }, look);
    expect(status.reproducible).toBe(reproducible);
  });
});

test('a run that cannot be read has a line in the table, and hides no other', () => {
  const table = runTable(
    [
      { run: begun.run, row: runRow({ config, state: begun }) },
      { run: 'damaged', fault: 'no JSON' },
    ],
    begun.createdAtMs + 61_000,
  );
  const lines = table.split('\n').map((line) => line.trim().split(/\s{2,}/));
  expect(lines.slice(1)).toEqual([
    [begun.run, 'running', '0/3', '–', '–', '1 min 1 s'],
    ['damaged', 'unreadable'],
  ]);
});
