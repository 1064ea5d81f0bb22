/** `padmm` and shells as a person has them: on a pseudo-terminal, which `script` of util-linux makes. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectDirectory } from './commandLine.ts';

/** Why there is none here; null where there is one. */
export const noTerminal: string | null =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true
    ? null
    : 'no script command of util-linux';

export interface TerminalSession {
  /** Types these keys. */
  type(keys: string): void;
  /** Resolves once the terminal has shown the pattern after what was awaited before; rejects where the command ends. */
  shows(pattern: RegExp): Promise<void>;
  readonly outcome: Promise<{ readonly exitCode: number | null; readonly shown: string }>;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** The words that start `padmm` in a shell. */
export const padmmWords = (...words: readonly string[]): string =>
  [process.execPath, join(projectDirectory, 'bin', 'padmm.mjs'), ...words].map(quoted).join(' ');

/** Runs a command line of a shell on a terminal of its own. */
export function onTerminal(
  command: string,
  { cwd, env = {} }: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): TerminalSession {
  const child = spawn('script', ['-qec', `stty cols 160 rows 50; ${command}`, '/dev/null'], {
    cwd,
    // Where the tests themselves run in CI, the person at this terminal does not.
    env: { ...process.env, TERM: 'xterm', CI: undefined, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let [shown, from] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk;
  });
  const outcome = new Promise<{ exitCode: number | null; shown: string }>((settle, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => settle({ exitCode, shown }));
  });
  return {
    type: (keys) => void child.stdin.write(keys),
    shows: (pattern) =>
      new Promise((settle, reject) => {
        const look = () => {
          const found = pattern.exec(shown.slice(from));
          if (found === null) return;
          from += found.index + found[0].length;
          child.stdout.off('data', look);
          settle();
        };
        child.stdout.on('data', look);
        outcome.then(
          () => reject(new Error(`ended without showing ${pattern}: ${shown.slice(from)}`)),
          reject,
        );
        look();
      }),
    outcome,
  };
}
