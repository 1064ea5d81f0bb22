import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type DirectoryLock, enterDirectory } from '../../lib/emulator/session.ts';
import { EnvironmentError } from '../../lib/errors.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { killHard, startFixture } from './processes.ts';

async function lock(directory: string): Promise<DirectoryLock> {
  const entered = await enterDirectory(directory);
  if (!('release' in entered)) throw new Error(`expected the lock, received a session of ${entered.pid}`);
  return entered;
}

test('a directory is made, locked, and free again after its release', async () => {
  const directory = join(await temporaryDirectory(), 'new', 'one');
  await (await lock(directory)).release();
  await (await lock(directory)).release();
});

test('who has it open is told to others', async () => {
  const directory = await temporaryDirectory();
  const { child } = await startFixture('holder', directory, 'publishes');
  expect(await enterDirectory(directory)).toMatchObject({
    pid: child.pid,
    deployment: { endpoint: 'http://127.0.0.1:1' },
  });
});

test.each(['publishes', 'is silent'])(
  'a holder that %s and is killed does not keep it',
  async (publishes) => {
    const directory = await temporaryDirectory();
    const { child } = await startFixture('holder', directory, publishes);
    await killHard(child);
    await (await lock(directory)).release();
  },
);

test('a holder that tells nothing is waited for', async () => {
  const directory = await temporaryDirectory();
  const first = await lock(directory);
  onTestFinished(() => first.release().catch(() => {}));
  const second = lock(directory);
  await first.release();
  await (await second).release();
});

test('a path that cannot be a directory is named', async () => {
  const file = join(await temporaryDirectory(), 'file');
  await writeFile(file, '');
  for (const path of [file, join(file, 'below')]) {
    await expect(enterDirectory(path)).rejects.toThrow(EnvironmentError);
    await expect(enterDirectory(path)).rejects.toThrow(path);
  }
});

test.each([
  ['not JSON', '{"pid": 1', 'session.json: expected JSON written by this program'],
  ['not a session', '{"pid": "one"}', 'session.json: pid: expected'],
])('a session file that is %s is named', async (_name, content, message) => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'session.json'), content);
  await expect(enterDirectory(directory)).rejects.toThrow(message);
});
