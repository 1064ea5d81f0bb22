import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { availableBackends, type BackendAvailability } from '../../tensors/backend.ts';
import { type Check, fail, ok, warn } from './check.ts';

const execute = promisify(execFile);
const SET_UP = 'run "npm run setup"';
const TOOL_TIMEOUT_MS = 10_000;

/** What the set-up builds tfjs-node with, where its own download site cannot be reached. */
const BUILD_TOOLS = [
  { name: 'python3', use: 'fetches libtensorflow' },
  { name: 'g++', use: 'compiles the addon' },
] as const;

/** Which backend of TensorFlow.js the workers will use, and what it costs where it is not the fastest. */
export function judgeBackends(backends: readonly BackendAvailability[]): Check {
  const name = 'tfjs backend';
  const inUse = backends.find((backend) => backend.fingerprint !== null);
  const reasons = backends
    .filter((backend) => backend.reason !== null)
    .map((backend) => `${backend.name} does not load: ${backend.reason?.split('\n')[0]}`);
  if (inUse === undefined) return fail(name, reasons.join('; '), SET_UP);
  if (inUse.name === 'tensorflow') return ok(name, `${inUse.fingerprint}`);
  const found = [`${inUse.fingerprint} in use`, ...reasons].join('; ');
  return warn(name, found, `training works, many times slower; for tfjs-node ${SET_UP}`);
}

async function checkTool(name: string, use: string): Promise<Check> {
  try {
    const { stdout } = await execute(name, ['--version'], { timeout: TOOL_TIMEOUT_MS });
    return ok(name, stdout.split('\n')[0] ?? '');
  } catch {
    return warn(name, 'does not run', `install it and ${SET_UP}: it ${use} for tfjs-node`);
  }
}

/** The backend in use and, where it is not tfjs-node, the tools that would build that. */
export async function checkBackends(): Promise<readonly Check[]> {
  const backend = judgeBackends(await availableBackends());
  if (backend.status === 'ok') return [backend];
  return [backend, ...(await Promise.all(BUILD_TOOLS.map(({ name, use }) => checkTool(name, use))))];
}
