import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeWhole } from '../../lib/cli/writeWhole.ts';
import { EnvironmentError } from '../../lib/errors.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

test('a file replaces the one before, with no other beside it', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'made', 'file');
  await writeWhole(path, 'old');
  await writeWhole(path, Uint8Array.of(110, 101, 119));
  expect(await readFile(path, 'utf8')).toBe('new');
  expect(await readdir(join(directory, 'made'))).toEqual(['file']);
});

test('where none can be written nothing is left, and the path is named', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'file'), '');
  await mkdir(join(directory, 'taken', 'inner'), { recursive: true });
  for (const path of [join(directory, 'file', 'x'), join(directory, 'taken')]) {
    const writing = writeWhole(path, 'x');
    await expect(writing).rejects.toThrow(EnvironmentError);
    await expect(writing).rejects.toThrow(`${path}: expected a file that can be written, received E`);
  }
  expect((await readdir(directory)).sort()).toEqual(['file', 'taken']);
});
