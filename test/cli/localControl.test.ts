/** Fork, budget, redrive, cost and delete in a directory, where nobody trains and where somebody does. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { padmm, startPadmm } from '../support/commandLine.ts';
import { makeDirectory, removeDirectory } from '../support/temporaryDirectory.ts';
import { runSmall, smallConfig } from '../system/localRun.ts';

const PATIENCE_MS = 240_000;
const config = smallConfig({ stop: { maxRounds: 4 }, evaluation: { everyRounds: 2 } });
let directory: string;
let run: string;
const ask = (...words: string[]) => padmm([...words, '--dir', join(directory, 'runs')]);

beforeAll(async () => {
  directory = await makeDirectory();
  const { view } = await runSmall({ directory: join(directory, 'runs'), workers: 1, config });
  run = view.state.run;
}, PATIENCE_MS);
afterAll(() => removeDirectory(directory));

test(
  'a fork waits until it is resumed, goes on from the other, and is deleted without it',
  async () => {
    const words = [
      'fork',
      run,
      '--version',
      '4',
      '--set',
      'name=again',
      '--set',
      'stop.maxRounds=2',
      '--json',
    ];
    const forked = await ask(...words);
    expect(forked.exitCode, forked.stderr).toBe(0);
    const { run: again, from } = JSON.parse(forked.stdout);
    expect(from).toBe(run);
    expect(forked.stderr).toContain(
      `go on with: padmm resume ${again} --local --dir ${join(directory, 'runs')}`,
    );
    const resumed = await ask('resume', again, '--local', '--workers', '1', '--json');
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ run: again, status: 'done', rounds: 2 });
    const cost = JSON.parse((await ask('cost', again, '--json')).stdout);
    expect(cost).toMatchObject({ run: again, rounds: 2, maxRounds: 2, projectedUsd: cost.usd });
    expect(cost.usd).toBeGreaterThan(0);

    const deleted = await ask('delete', again, '--yes', '--json');
    expect(deleted).toMatchObject({ exitCode: 0 });
    const listed = JSON.parse((await ask('list', '--json')).stdout);
    expect(listed.map((row: { run: string }) => row.run)).toEqual([run]);
    // What was written to files for people stays.
    expect(await readdir(join(directory, 'runs', 'runs', again))).toContain('model.safetensors');
    expect((await ask('evaluate', run, '--json')).exitCode).toBe(0);
  },
  PATIENCE_MS,
);

test('what is asked of an ended run, or of nobody, is refused or said', async () => {
  for (const words of [
    ['redrive', run],
    ['budget', run, '--max-rounds', '9'],
  ]) {
    const refused = await ask(...words);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toContain(
      'expected one that has not ended, received one that is done after 4 rounds',
    );
  }
  const nobody = await ask('redrive');
  expect(nobody).toMatchObject({ exitCode: 0, stdout: '' });
  expect(nobody.stderr).toContain('nobody trains here');
  const wrong = await ask('budget', run, '--max-cost-usd', 'free');
  expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
  expect(wrong.stderr).toContain('Expected a number above 0, or "config".');
  const shown = await ask('budget', run);
  expect(shown.stdout).toMatch(/^maxRounds +4 \(config\)$/m);
});

test(
  'the limit of a run that a session trains is moved while it runs',
  async () => {
    const runs = join(directory, 'live');
    const file = join(directory, 'endless.json');
    await writeFile(file, JSON.stringify(smallConfig({ shards: 2, stop: { maxRounds: 100_000 } })));
    const training = startPadmm(['train', file, '--local', '--dir', runs, '--json']);
    onTestFinished(() => void training.child.kill('SIGKILL'));
    const [, live = ''] = await training.said(/^run (small-\w{26})$/m);
    await training.said(/^round /m);
    const redriven = await padmm(['redrive', '--dir', runs, '--json']);
    expect(JSON.parse(redriven.stdout)).toEqual({ runs: [live], results: 0, tasks: 0, folds: 0, dropped: 0 });
    const moved = await padmm(['budget', live, '--max-rounds', '3', '--dir', runs, '--json']);
    expect(moved.exitCode, moved.stderr).toBe(0);
    expect(JSON.parse(moved.stdout)).toMatchObject({ run: live, limits: { maxRounds: 3 } });
    const { exitCode, stdout } = await training.outcome;
    expect(exitCode).toBe(0);
    const { status, rounds } = JSON.parse(stdout);
    expect(status).toBe('done');
    expect(rounds).toBeLessThan(100_000);
  },
  PATIENCE_MS,
);
