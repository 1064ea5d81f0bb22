import { expect, test } from 'vitest';
import { readThroughSession } from '../../lib/cli/sessionRun.ts';
import { startEmbeddedAws } from '../../lib/emulator/embeddedAws.ts';
import { UsageError } from '../../lib/errors.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

/** A directory in which there has been a session. */
async function usedDirectory(): Promise<string> {
  const directory = await temporaryDirectory();
  await (await startEmbeddedAws({ directory })).close();
  return directory;
}

test('what is read while a session ends is read again from what it left behind', async () => {
  const place = { dir: await usedDirectory() };
  let looks = 0;
  const read = await readThroughSession(place, async ({ connection: { store } }) => {
    looks += 1;
    // What a request says whose server has just gone.
    if (looks < 3) throw Object.assign(new Error('connect ECONNREFUSED 127.0.0.1'), { code: 'ECONNREFUSED' });
    return store.get('nothing');
  });
  expect({ read, looks }).toEqual({ read: null, looks: 3 });
});

test('what the project itself says of a run is not asked twice', async () => {
  let looks = 0;
  const reading = readThroughSession({ dir: await usedDirectory() }, () => {
    looks += 1;
    return Promise.reject(new UsageError('run a: expected a stored run'));
  });
  await expect(reading).rejects.toThrow('run a: expected a stored run');
  expect(looks).toBe(1);
});
