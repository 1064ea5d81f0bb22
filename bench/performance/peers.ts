/** Peers from PyPI: Python programs beside this file, in environments that hold exactly what their lock files list. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EnvironmentError } from '../../lib/errors.ts';
import { parseStored } from '../../lib/protocol/validate.ts';
import { virtualEnvironment } from '../../scripts/emulators/virtualEnvironment.ts';
import { projectFile } from './emptyRuns.ts';
import { type Done, doneSchema } from './throughput.ts';

export type PeerName = 'keras' | 'torch' | 'flower';

/** Python with a peer, or why there is none. */
export type PeerPython =
  | { readonly python: string; readonly missing: null }
  | { readonly python: null; readonly missing: string };

const execute = promisify(execFile);
const TIMEOUT_MS = 300_000;
const MAX_OUTPUT_BYTES = 2 ** 26;

export const peerFile = (name: string): string => projectFile(`bench/performance/peers/${name}`);

/** Installs a peer on first use. */
export async function peerPython(name: PeerName): Promise<PeerPython> {
  try {
    const directory = await virtualEnvironment(`peer-${name}`, peerFile(`${name}-requirements.txt`));
    return { python: join(directory, 'bin', 'python'), missing: null };
  } catch (error) {
    if (error instanceof EnvironmentError) return { python: null, missing: error.message };
    throw error;
  }
}

/** What peers find in their environment: they compute on processors, and tell nobody that they run. */
export const peerEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  ...{ CUDA_VISIBLE_DEVICES: '', TF_CPP_MIN_LOG_LEVEL: '2', KERAS_BACKEND: 'tensorflow' },
  ...{ FLWR_TELEMETRY_ENABLED: '0', RAY_USAGE_STATS_ENABLED: '0', PYTHONDONTWRITEBYTECODE: '1' },
});

/** Runs a program of a peer whose last line says what it did. @throws Error where it fails. */
export async function runPeer(python: string, file: string, words: readonly string[]): Promise<Done> {
  const { stdout } = await execute(python, [peerFile(file), ...words], {
    ...{ env: peerEnvironment(), timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES },
  });
  return parseStored(doneSchema, JSON.parse(stdout.trim().split('\n').at(-1) ?? ''), file);
}

/** The directory of the MNIST files themselves: the one given, or its folder `mnist`. */
export function mnistDirectory(dataDirectory: string): string {
  const folder = join(dataDirectory, 'mnist');
  return existsSync(folder) ? folder : dataDirectory;
}
