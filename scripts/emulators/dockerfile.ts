/** Runs the steps of a Dockerfile's stage on this machine: the same commands, in a directory in place of the image. */
import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const STEP_TIMEOUT_MS = 900_000;

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

export interface StageOptions {
  readonly dockerfile: string;
  readonly stage: string;
  /** The build context. */
  readonly context: string;
  /** Stands for the root of the image. */
  readonly root: string;
  /** Beside what the Dockerfile sets. */
  readonly environment: NodeJS.ProcessEnv;
}

/** The instructions of a stage, those of the stages that it begins from first. */
export function instructionsOf(dockerfile: string, stage: string): Instruction[] {
  const lines = dockerfile
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => ({ name: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }));
  const start = lines.findIndex(({ name, rest }) => name === 'FROM' && rest.endsWith(` AS ${stage}`));
  if (start < 0) return [];
  const length = lines.slice(start + 1).findIndex(({ name }) => name === 'FROM');
  const own = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
  const [base = ''] = (lines[start]?.rest ?? '').split(' ');
  return [...instructionsOf(dockerfile, base), ...own];
}

const assignments = (rest: string): [string, string][] =>
  rest.split(' ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);

/**
 * Runs a stage. Packages of the system are this machine's: steps of apt-get are left out; and so are copies from other
 * stages, which share the directory here.
 *
 * @returns the environment that the stage ends with, and the directory it ends in.
 */
export async function runStage(options: StageOptions): Promise<{ env: NodeJS.ProcessEnv; cwd: string }> {
  const { context, root } = options;
  const inRoot = (path: string) => (path.startsWith('/') ? join(root, path) : path);
  let cwd = root;
  const env: NodeJS.ProcessEnv = { ...options.environment };
  for (const { name, rest } of instructionsOf(options.dockerfile, options.stage)) {
    if (name === 'WORKDIR') {
      cwd = inRoot(rest);
      await mkdir(cwd, { recursive: true });
    } else if (name === 'ENV') {
      for (const [key, value] of assignments(rest)) env[key] = inRoot(value);
    } else if (name === 'COPY' && !rest.startsWith('--from')) {
      const sources = rest.split(' ');
      const target = sources.pop() ?? '';
      for (const source of sources) {
        const name = target.endsWith('/') ? join(target, source.split('/').at(-1) ?? '') : target;
        await cp(join(context, source), join(cwd, name), { recursive: true });
      }
    } else if (name === 'RUN' && !rest.startsWith('apt-get')) {
      await execute('sh', ['-c', rest], { cwd, env, timeout: STEP_TIMEOUT_MS, maxBuffer: 64 * 2 ** 20 });
    }
  }
  return { env, cwd };
}
