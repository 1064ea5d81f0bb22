/**
 * The choice of a TensorFlow.js backend. A process uses one at a time: TensorFlow.js runs every operation on
 * the one that was set last.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { EnvironmentError } from '../errors.ts';
import { describeGraphicsProcessors } from './graphicsProcessors.ts';
import { describeInstructionSet } from './instructionSet.ts';
import { restoreRemovedUtilities } from './nodeCompatibility.ts';

/** Backends from the fastest to the slowest; the first that loads is taken. */
export const backendNames = ['tensorflow', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

/** A loaded backend. */
export interface Backend {
  readonly name: BackendName;
  /** TensorFlow.js, with this backend set. */
  readonly tf: typeof tf;
  /**
   * Backend, library versions, GPU, processor and threads, in at most 256 characters: equal fingerprints promise equal
   * bytes from equal inputs.
   */
  readonly fingerprint: string;
}

/** Whether a backend can be loaded here. */
export interface BackendAvailability {
  readonly name: BackendName;
  /** Its fingerprint where it loads, else null. */
  readonly fingerprint: string | null;
  /** Why it does not load; null where it does. */
  readonly reason: string | null;
}

const MAX_FINGERPRINT_LENGTH = 256;

/** libtensorflow reads its threads when it is loaded; they cannot change in a process. */
let tensorflowThreads: number | null = null;

/** Where kernels run, in a fingerprint: on a GPU of which model; nothing where on the processor. */
function describeDevice(isUsingGpuDevice: boolean): string {
  if (!isUsingGpuDevice) return '';
  const models = describeGraphicsProcessors();
  return models === '' ? '/gpu' : `/gpu-${models}`;
}

/** Whether a backend of this fingerprint computes on a GPU. */
export const isOnGpu = (fingerprint: string): boolean => /\/gpu[/-]/.test(fingerprint);

/** Loads a backend's package and registers it; answers the versions that decide its rounding. */
type Loader = (threads: number) => Promise<string>;

const loaders: Record<BackendName, Loader> = {
  tensorflow: async (threads) => {
    if (tensorflowThreads !== null && tensorflowThreads !== threads) {
      throw new EnvironmentError(
        `tensorflow backend: expected ${tensorflowThreads} threads as first loaded in this process, received ${threads}`,
      );
    }
    process.env.TF_NUM_INTRAOP_THREADS = String(threads);
    process.env.TF_NUM_INTEROP_THREADS = '1';
    // Whether libtensorflow uses oneDNN's kernels would otherwise depend on the maker of the processor.
    process.env.TF_ENABLE_ONEDNN_OPTS = '1';
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    // On a GPU: workers share its memory instead of the first taking all of it, and products are float32 as on a
    // processor. TF32, the default of newer GPUs, rounds their inputs to 10 bits.
    process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
    process.env.NVIDIA_TF32_OVERRIDE ??= '0';
    restoreRemovedUtilities();
    await import('@tensorflow/tfjs-node');
    tensorflowThreads = threads;
    const { binding, isUsingGpuDevice } = tf.findBackend('tensorflow') as unknown as {
      binding: { TF_Version: string };
      isUsingGpuDevice: boolean;
    };
    return `tfjs-${tf.version_core}/libtensorflow-${binding.TF_Version}${describeDevice(isUsingGpuDevice)}`;
  },
  wasm: async () => {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    // The binaries lie beside the package's entry point; said outright, no working directory or bundler matters.
    const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(dirname(entry) + sep);
    return `tfjs-${wasm.version_wasm}`;
  },
  cpu: async () => {
    const cpu = await import('@tensorflow/tfjs-backend-cpu');
    return `tfjs-${cpu.version_cpu}`;
  },
};

function compose(name: BackendName, versions: string, threads: number): string {
  // The instruction sets come last: they are what may be too long to be said whole.
  const full = `${name}/${versions}/threads-${threads}/${describeInstructionSet()}`;
  if (full.length <= MAX_FINGERPRINT_LENGTH) return full;
  const digest = createHash('sha256').update(full).digest('hex').slice(0, 16);
  return `${full.slice(0, MAX_FINGERPRINT_LENGTH - digest.length - 1)}~${digest}`;
}

async function load(name: BackendName, threads: number): Promise<Backend> {
  // Production mode: no banner of the packages on the console, no checks of every operation's arguments.
  tf.env().set('PROD', true);
  const versions = await loaders[name](threads);
  if (!(await tf.setBackend(name))) throw new EnvironmentError(`${name} backend: it does not initialise`);
  await tf.ready();
  return { name, tf, fingerprint: compose(name, versions, threads) };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Loads and sets a backend: the preferred one, else the first of {@link backendNames} that loads.
 *
 * @param options.threads threads of the tensorflow backend; the others have one, whatever is asked for.
 * @param options.prefer the backend to take; none other is tried.
 * @throws EnvironmentError where the preferred backend, or every backend, does not load; it says why for each.
 */
export async function loadBackend(options: {
  readonly threads: number;
  readonly prefer?: BackendName;
}): Promise<Backend> {
  const reasons: string[] = [];
  for (const name of options.prefer === undefined ? backendNames : [options.prefer]) {
    try {
      return await load(name, options.threads);
    } catch (error) {
      reasons.push(`${name}: ${reasonOf(error)}`);
    }
  }
  throw new EnvironmentError(`no backend of TensorFlow.js loads\n  ${reasons.join('\n  ')}`);
}

/** Tries every backend and says for each whether it loads and, if not, why. The last one that loads stays set. */
export async function availableBackends(threads = 1): Promise<readonly BackendAvailability[]> {
  const found: BackendAvailability[] = [];
  for (const name of backendNames.toReversed()) {
    try {
      found.unshift({ name, fingerprint: (await load(name, threads)).fingerprint, reason: null });
    } catch (error) {
      found.unshift({ name, fingerprint: null, reason: reasonOf(error) });
    }
  }
  return found;
}
