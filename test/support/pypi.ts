import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';

const execute = promisify(execFile);
const INSTALL_TIMEOUT_MS = 110_000;

/** A Python with packages from PyPI, or why there is none. */
export type PythonWithPackages =
  | { readonly python: string; readonly missing: null }
  | { readonly python: null; readonly missing: string };

/**
 * Installs packages from PyPI in a virtual environment of the calling test file's own, removed when its tests are
 * done. To be awaited at the top of the file, its answer given to `requirement('pypi', …)`.
 */
export async function pythonWith(...packages: readonly string[]): Promise<PythonWithPackages> {
  const directory = await mkdtemp(join(tmpdir(), 'padmm-python-'));
  afterAll(() => rm(directory, { recursive: true, force: true }));
  const python = join(directory, 'bin', 'python3');
  const options = { timeout: INSTALL_TIMEOUT_MS };
  try {
    await execute('python3', ['-m', 'venv', directory], options);
    const quiet = ['--quiet', '--disable-pip-version-check', '--only-binary=:all:'];
    await execute(python, ['-m', 'pip', 'install', ...quiet, ...packages], options);
    return { python, missing: null };
  } catch (error) {
    return { python: null, missing: (error as Error).message.trim().split('\n').at(-1) ?? '' };
  }
}
