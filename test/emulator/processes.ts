import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));

export interface StartedFixture {
  readonly child: ChildProcess;
  /** What it said first. */
  readonly said: unknown;
}

/** Runs a fixture and waits for its first message; it is killed when the test ends, if it is still there. */
export async function startFixture(name: string, ...parameters: string[]): Promise<StartedFixture> {
  const child = fork(fixture(name), parameters, { execArgv: [] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = await once(child, 'message');
  return { child, said };
}

export async function killHard(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until an assertion holds, as long as a loaded machine may need. */
export const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(assertion, { timeout: 50_000, interval: 50 });
