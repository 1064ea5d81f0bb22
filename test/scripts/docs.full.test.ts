import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { projectDirectory } from '../support/commandLine.ts';

const execute = promisify(execFile);

test('the documentation of the library is written without a warning', async () => {
  const out = join(projectDirectory, 'docs', 'api');
  await rm(out, { recursive: true, force: true });
  const { stdout } = await execute(process.execPath, ['scripts/docs.mjs'], { cwd: projectDirectory });
  expect(stdout.trim().split('\n').at(-1)).toBe(join(out, 'index.html'));
  const page = await readFile(join(out, 'functions', 'lib.train.html'), 'utf8');
  expect(page).toContain('Trains a model on this machine');
}, 600_000);
