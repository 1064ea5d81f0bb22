/** Ctrl-C at any time, and disks that are full: a short message or none, the right exit code, never a stack. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { projectDirectory, startPadmm } from '../support/commandLine.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { padmmWords } from '../support/terminal.ts';
import { smallConfig } from '../system/localRun.ts';

const PATIENCE_MS = 120_000;

test(
  'Ctrl-C ends a command whatever it does, also before it is up',
  async () => {
    for (const waitMs of [10, 150, 600, 2000]) {
      // Nothing is trained in the directory, so this would go on for ever.
      const { child, outcome } = startPadmm(['dashboard', '--dir', await temporaryDirectory()]);
      await delay(waitMs);
      child.kill('SIGINT');
      const { exitCode, stderr } = await outcome;
      // A process without a handler yet is ended by the signal, which shells tell as 130, too.
      if (exitCode === null) expect(child.signalCode).toBe('SIGINT');
      else expect([0, 130]).toContain(exitCode);
      expect(stderr).not.toMatch(/\n +at |Error/);
    }
  },
  PATIENCE_MS,
);

describe('a full disk', () => {
  const full = (words: readonly string[]) =>
    spawnSync('sh', ['-c', `${padmmWords(...words)} > /dev/full`], {
      encoding: 'utf8',
      cwd: projectDirectory,
    });

  test.each([['schema'], ['--help'], ['--version'], ['list', '--json'], ['completion', 'bash']])(
    'under the output of padmm %s %s',
    (...words) => {
      const { status, stderr } = full(words.filter((word) => word !== undefined));
      expect(status).toBe(3);
      expect(stderr).toMatch(
        /padmm: standard output: expected to be read and written, received ENOSPC: no space left/,
      );
      expect(stderr).not.toMatch(/\n +at /);
    },
  );

  /** A file system of this size in a namespace of its own, which needs no rights; the command runs in it. */
  const inTinyDisk = (sizeKiB: number, cwd: string, command: string) =>
    spawnSync(
      'unshare',
      ['-rm', 'sh', '-c', `mkdir tiny && mount -t tmpfs -o size=${sizeKiB}k tmpfs tiny && ${command}`],
      { encoding: 'utf8', cwd },
    );
  const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

  test.skipIf(!canMount).each([
    ['before the first round', 300, 8],
    ['in the middle of the run', 4000, 256],
  ])(
    'under the runs, %s',
    async (_, sizeKiB, hiddenUnits) => {
      const cwd = await temporaryDirectory();
      const config = smallConfig({ model: { hiddenUnits }, stop: { maxRounds: 100_000 } });
      await writeFile(join(cwd, 'run.json'), JSON.stringify(config));
      const train = padmmWords('train', 'run.json', '--local', '--dir', 'tiny/runs', '--workers', '1');
      const { status, stderr } = inTinyDisk(sizeKiB, cwd, train);
      expect({ status, stderr }).toMatchObject({ status: 3 });
      expect(stderr).toMatch(/^padmm: tiny\/runs.*: expected a d.*(disk is full|ENOSPC)/m);
      expect(stderr).not.toMatch(/\n +at |unexpected/);
    },
    PATIENCE_MS,
  );

  test.skipIf(!canMount)('under a file that is written', async () => {
    const cwd = await temporaryDirectory();
    const { status, stderr } = inTinyDisk(4, cwd, padmmWords('schema', '--output', 'tiny/schema.json'));
    expect(status).toBe(3);
    expect(stderr).toMatch(
      /^padmm: tiny\/schema\.json: expected a file that can be written, received ENOSPC/,
    );
  });
});
