import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export const projectDirectory = join(import.meta.dirname, '..', '..');

export interface CommandOutcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Given on standard input, which is empty without. */
  readonly input?: string;
}

/** `padmm` while it runs. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly outcome: Promise<CommandOutcome>;
  /** Resolves once stderr holds the pattern; rejects where the command ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts `padmm` with these words as a user would, in a process of its own. */
export function startPadmm(
  words: readonly string[],
  { cwd = projectDirectory, env = {}, input = '' }: CommandOptions = {},
): RunningCommand {
  const child = spawn(process.execPath, [join(projectDirectory, 'bin', 'padmm.mjs'), ...words], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const outcome = new Promise<CommandOutcome>((settle, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => settle({ exitCode, stdout, stderr }));
  });
  const said = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((settle, reject) => {
      const look = () => {
        const found = pattern.exec(stderr);
        if (found !== null) settle(found);
      };
      child.stderr.on('data', look);
      outcome.then(() => reject(new Error(`ended without saying ${pattern}: ${stderr}`)), reject);
      look();
    });
  return { child, outcome, said };
}

/** Runs `padmm` with these words until it ends. */
export const padmm = (words: readonly string[], options?: CommandOptions): Promise<CommandOutcome> =>
  startPadmm(words, options).outcome;
