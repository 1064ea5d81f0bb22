/** Sweeps: their grid, and one that is trained, taken up again, and held against the runs it made. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describePoint, parseAxis, sweepPoints } from '../../lib/cli/sweep/grid.ts';
import { padmm, startPadmm } from '../support/commandLine.ts';
import { padmmHere } from '../support/inProcess.ts';
import { testConfig } from '../support/runs.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { smallConfig } from '../system/localRun.ts';

const PATIENCE_MS = 240_000;

describe('the values of an option', () => {
  test.for([
    ['seed=0..3', [0, 1, 2, 3]],
    ['shards=4', [4]],
    ['solver.gain=1,0.5,1e-2', [1, 0.5, 0.01]],
    ['shards=1,4..6', [1, 4, 5, 6]],
    ['consensus.mode=sync,async', ['sync', 'async']],
    ['stop.plateau=[null,{"evaluations":3}]', [null, { evaluations: 3 }]],
    ['consensus.useDuals=true,false', [true, false]],
  ] as const)('%s are read', ([text, values]) => {
    expect(parseAxis(text).values).toEqual(values);
  });

  test.for(['shards', 'seed=3..1', 'seed=0..100000', 'seed=1,1'])('%s is refused', (text) => {
    expect(() => parseAxis(text)).toThrow(/^Expected /);
  });
});

test('every combination is a point, those that share their data one after the other', () => {
  const points = sweepPoints(testConfig(), [parseAxis('solver.gain=1,2'), parseAxis('seed=0..1')]);
  expect(points.map(describePoint)).toEqual([
    'seed=0 solver.gain=1',
    'seed=0 solver.gain=2',
    'seed=1 solver.gain=1',
    'seed=1 solver.gain=2',
  ]);
  expect(points[3]?.config).toMatchObject({ seed: 1, solver: { gain: 2 }, shards: 3 });
});

test('a sweep that is wrong is refused before anything runs', async () => {
  const cwd = await temporaryDirectory();
  const file = join(cwd, 'run.json');
  await writeFile(file, JSON.stringify(smallConfig()));
  for (const [words, message] of [
    [['--local'], 'expected --set KEY=VALUES at least once, received none'],
    [['--set', 'shards=2,0', '--local'], 'config at shards=0: shards: expected number to be >=1, received 0'],
    [['--set', 'shard=1,2', '--local'], 'config at shard=1: shard: expected no field named "shard"'],
    [['--set', 'seed=1', '--set', 'seed=2', '--local'], 'expected all values of seed in one --set'],
    [
      ['--set', 'seed=0..99', '--set', 'shards=1..99', '--local'],
      'expected at most 1000 runs, received 9900',
    ],
    [['--set', 'seed=1,2'], 'expected --local, which trains on this machine, or --stack NAME'],
    [['--set', 'worker.threads=1,2', '--local'], 'expected one value of worker.threads with --local'],
  ] as const) {
    const outcome = await padmmHere(['sweep', file, ...words]);
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toContain(message);
  }
});

test(
  'a sweep is interrupted, goes on without making a run twice, and compares what its runs came to',
  async () => {
    const cwd = await temporaryDirectory();
    const config = smallConfig({ shards: 2, stop: { maxRounds: 6 }, evaluation: { everyRounds: 2 } });
    await writeFile(join(cwd, 'run.json'), JSON.stringify(config));
    const words = ['sweep', 'run.json', '--local', '--set', 'solver.gain=1,0.25', '--set', 'seed=0,1'];
    const sweep = startPadmm([...words, '--at-once', '1'], { cwd });
    onTestFinished(() => void sweep.child.kill('SIGKILL'));
    const [, first] = await sweep.said(/^1\/4 .*: (small-\w{26}): done after 6 rounds/m);
    await sweep.said(/^2\/4 seed=0 solver\.gain=0\.25: run small-/m);
    sweep.child.kill('SIGINT');
    const interrupted = await sweep.outcome;
    expect(interrupted).toMatchObject({ exitCode: 130, stdout: '' });
    expect(interrupted.stderr).toContain('padmm: interrupted; go on with the same command');
    const begun = JSON.parse((await padmm(['list', '--json'], { cwd })).stdout);

    const { exitCode, stdout, stderr } = await padmm([...words, '--at-once', '2', '--json'], { cwd });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stderr).toContain(`1/4 seed=0 solver.gain=1: known run ${first}`);
    expect(stderr).toMatch(/2\/4 seed=0 solver\.gain=0\.25: known run small-/);
    const { runs, page } = JSON.parse(stdout);
    const listed: { run: string }[] = JSON.parse((await padmm(['list', '--json'], { cwd })).stdout);
    expect(listed).toHaveLength(4);
    expect(listed.map(({ run }) => run)).toEqual(
      expect.arrayContaining(begun.map((row: { run: string }) => row.run)),
    );
    const losses = runs.map((row: { validationLoss: number }) => row.validationLoss);
    expect(losses).toEqual(losses.toSorted((a: number, b: number) => a - b));
    const html = await readFile(join(cwd, page), 'utf8');
    for (const row of runs) {
      const { status, rounds, validationLoss, validationAccuracy, testAccuracy } = row;
      expect(listed).toContainEqual(
        expect.objectContaining({
          run: row.run,
          status,
          rounds,
          validationLoss,
          validationAccuracy,
          testAccuracy,
        }),
      );
      expect({ status, rounds }).toEqual({ status: 'done', rounds: 6 });
      expect(html).toContain(`<th scope="row">${row.run}</th>`);
    }
    expect(new Set(runs.map((row: { settings: unknown }) => JSON.stringify(row.settings))).size).toBe(4);
    expect(html).toContain('<td data-difference="solver.gain">0.25</td>');
  },
  PATIENCE_MS,
);
