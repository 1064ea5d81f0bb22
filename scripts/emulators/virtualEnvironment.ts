/** Virtual environments of Python for emulators of AWS, kept in the user's cache by the digest of their lock file. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import lockfile from 'proper-lockfile';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { EnvironmentError } from '../../lib/errors.ts';

const execute = promisify(execFile);
const INSTALL_TIMEOUT_MS = 600_000;
const OLDEST = { major: 3, minor: 11 };
const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11'];
/** Somebody else's install of the same environment is waited for. */
const PATIENCE = { retries: { retries: 600, factor: 1, minTimeout: 1000 } };

/** The first Python on the PATH that is new enough. @throws EnvironmentError where none is. */
async function findPython(): Promise<string> {
  const found: string[] = [];
  for (const python of CANDIDATES) {
    const version = await execute(python, ['-c', 'import sys; print(*sys.version_info[:2])']).catch(
      () => null,
    );
    if (version === null) continue;
    const [major = 0, minor = 0] = version.stdout.trim().split(' ').map(Number);
    if (major === OLDEST.major && minor >= OLDEST.minor) return python;
    found.push(`${python} ${major}.${minor}`);
  }
  throw new EnvironmentError(
    `Python: expected ${OLDEST.major}.${OLDEST.minor} or newer on the PATH, received ${found.join(', ') || 'none'}`,
  );
}

async function install(directory: string, requirements: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await execute(await findPython(), ['-m', 'venv', directory], { timeout: INSTALL_TIMEOUT_MS });
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--requirement', requirements];
  await execute(join(directory, 'bin', 'python'), ['-m', 'pip', 'install', ...options], {
    timeout: INSTALL_TIMEOUT_MS,
  });
}

/**
 * The directory of a virtual environment that holds exactly what a lock file lists; installed on first use.
 *
 * @param requirements path of a file that pip reads, every package with its version.
 * @throws EnvironmentError where Python is missing or pip fails, with the end of what it said.
 */
export async function virtualEnvironment(name: string, requirements: string): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'padmm');
  const digest = sha256Hex(await readFile(requirements)).slice(0, 16);
  const directory = join(cache, `${name}-${digest}`);
  const complete = `${directory}.complete`;
  if (existsSync(complete)) return directory;
  await mkdir(cache, { recursive: true });
  const unlock = await lockfile.lock(cache, { lockfilePath: `${directory}.lock`, ...PATIENCE });
  try {
    if (existsSync(complete)) return directory;
    await install(directory, requirements);
    await writeFile(complete, '');
    return directory;
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    const lines = (error as Error).message.trim().split('\n').slice(-3).join('\n');
    throw new EnvironmentError(`${requirements}: expected pip to install it, received\n${lines}`, {
      cause: error,
    });
  } finally {
    await unlock();
  }
}
