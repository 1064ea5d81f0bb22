/** Runs that are trained by one `padmm` and looked at, controlled and taken over by others. */
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { padmm, type RunningCommand, startPadmm } from '../support/commandLine.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { runSmall, smallConfig } from '../system/localRun.ts';

const execute = promisify(execFile);

/** Long enough to be interrupted at a tenth. */
const config = smallConfig({ shards: 2, stop: { maxRounds: 30 }, evaluation: { everyRounds: 20 } });
/** So long that nobody waits for its end. */
const endless = smallConfig({ shards: 2, stop: { maxRounds: 100_000 }, evaluation: { everyRounds: 20 } });
/** Nobody is meant to wait as long; a machine with other things to do may need it. */
const PATIENCE_MS = 240_000;

async function startTraining(directory: string, content: unknown, words: readonly string[] = []) {
  const file = join(directory, 'config.json');
  await writeFile(file, JSON.stringify(content));
  const training = startPadmm(['train', file, '--local', '--dir', join(directory, 'runs'), ...words]);
  onTestFinished(() => void training.child.kill('SIGKILL'));
  return training;
}

/** Processes that a command has started: command lines by process id. */
async function childrenOf({ child }: RunningCommand): Promise<Map<number, string>> {
  const { stdout } = await execute('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  const rows = stdout.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []);
  const own = rows.filter(
    ([, pid, parent, args]) => Number(parent) === child.pid && pid && !args?.startsWith('ps '),
  );
  return new Map(own.map(([, pid, , args]) => [Number(pid), args ?? '']));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const lastNote = ({ stderr }: { stderr: string }): string => stderr.trim().split('\n').at(-1) ?? '';

describe('a run interrupted by Ctrl-C', () => {
  test(
    'leaves no process behind, and ends with the same bytes once it is resumed',
    async () => {
      const directory = await temporaryDirectory();
      const runs = join(directory, 'runs');
      const training = await startTraining(directory, config);
      const [, run = ''] = await training.said(/^run (small-\w{26})$/m);
      await training.said(/^round \d+\/30 .* left$/m);
      const started = await childrenOf(training);
      expect([...started.values()].filter((args) => args.includes('functions/worker'))).toHaveLength(2);
      training.child.kill('SIGINT');
      const interrupted = await training.outcome;
      expect(interrupted).toMatchObject({ exitCode: 130, stdout: '' });
      const advice = `padmm resume ${run} --local --dir ${runs}`;
      expect(lastNote(interrupted)).toBe(`padmm: interrupted; go on with: ${advice}`);
      expect([...started.keys()].filter(isAlive)).toEqual([]);
      expect(await readdir(runs)).not.toContain('session.json');

      const words = advice.split(' ').slice(1);
      const [resumed, undisturbed] = await Promise.all([
        padmm([...words, '--workers', '1', '--json']),
        runSmall({ directory: await temporaryDirectory(), workers: 2, config }),
      ]);
      expect(resumed.exitCode).toBe(0);
      expect(JSON.parse(resumed.stdout)).toMatchObject({
        run,
        status: 'done',
        rounds: 30,
        digest: undisturbed.digest,
      });
      expect(await readdir(join(runs, 'runs', run))).toEqual(['model.safetensors', 'report.html']);
    },
    PATIENCE_MS,
  );
});

describe('a run that a session trains', () => {
  test(
    'is seen, paused, resumed, watched and stopped from elsewhere',
    async () => {
      const directory = await temporaryDirectory();
      const runs = join(directory, 'runs');
      const training = await startTraining(directory, endless, ['--json']);
      const [, run = ''] = await training.said(/^run (small-\w{26})$/m);
      const ask = (...words: string[]) => padmm([...words, '--dir', runs, '--json']);
      const status = async () => JSON.parse((await ask('status', run)).stdout);

      const listed = await ask('list');
      expect(JSON.parse(listed.stdout)).toMatchObject([{ run, status: 'running', maxRounds: 100_000 }]);

      const paused = await ask('pause', 'small');
      expect(paused).toMatchObject({ exitCode: 0 });
      const { rounds } = JSON.parse(paused.stdout);
      expect(JSON.parse(paused.stdout)).toEqual({ run, status: 'paused', rounds });
      expect(await status()).toMatchObject({ status: 'paused', reason: 'paused on request', session: true });
      await training.said(/· paused$/m);

      const resumed = startPadmm(['resume', run, '--local', '--dir', runs, '--json']);
      onTestFinished(() => void resumed.child.kill('SIGKILL'));
      await resumed.said(/asked the session/);
      const watching = startPadmm(['watch', run, '--dir', runs]);
      onTestFinished(() => void watching.child.kill('SIGKILL'));
      await watching.said(/^round \d+\/100000/m);
      watching.child.kill('SIGINT');
      const left = await watching.outcome;
      expect(left.exitCode).toBe(130);
      expect(lastNote(left)).toBe(`padmm: no longer watching; run ${run} goes on`);

      const stopped = await ask('stop', run);
      expect(stopped.exitCode).toBe(0);
      const summary = JSON.parse(stopped.stdout);
      expect(summary).toMatchObject({ run, status: 'stopped' });
      expect(summary.rounds).toBeGreaterThanOrEqual(rounds);
      const [trained, followed] = await Promise.all([training.outcome, resumed.outcome]);
      expect(trained.exitCode).toBe(0);
      expect(JSON.parse(trained.stdout)).toMatchObject({ run, status: 'stopped', digest: summary.digest });
      expect(followed.exitCode).toBe(0);
      expect(JSON.parse(followed.stdout)).toEqual(summary);

      const again = await ask('stop', run);
      expect(again).toMatchObject({ exitCode: 2, stdout: '' });
      expect(lastNote(again)).toBe(
        `padmm: run ${run}: expected one that has not ended, received one that is stopped after ${summary.rounds} rounds`,
      );
    },
    PATIENCE_MS,
  );

  test(
    'is told to be resumed where the session is interrupted while it is watched',
    async () => {
      const directory = await temporaryDirectory();
      const runs = join(directory, 'runs');
      const training = await startTraining(directory, endless);
      const [, run = ''] = await training.said(/^run (small-\w{26})$/m);
      const watching = startPadmm(['watch', 'latest', '--dir', runs]);
      onTestFinished(() => void watching.child.kill('SIGKILL'));
      await watching.said(/^round /m);
      training.child.kill('SIGINT');
      expect((await training.outcome).exitCode).toBe(130);
      const watched = await watching.outcome;
      expect(watched).toMatchObject({ exitCode: 3, stdout: '' });
      expect(lastNote(watched)).toMatch(
        /^padmm: run small-\w{26} is running at round \d+, but no session is training /,
      );
      expect(lastNote(watched)).toContain(`; go on with: padmm resume ${run} --local --dir ${runs}`);
      const asked = await padmm(['pause', run, '--dir', runs]);
      expect(asked).toMatchObject({ exitCode: 3, stdout: '' });
      expect(lastNote(asked)).toBe(lastNote(watched));
    },
    PATIENCE_MS,
  );
});
