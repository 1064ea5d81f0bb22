import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const projectDirectory = join(import.meta.dirname, '..', '..');

export interface CommandOutcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `padmm` with these words as a user would, in a process of its own, until it ends. */
export function padmm(
  words: readonly string[],
  { cwd = projectDirectory, env = {} }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<CommandOutcome> {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, [join(projectDirectory, 'bin', 'padmm.mjs'), ...words], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (exitCode) =>
      settle({ exitCode, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
}
