/** Processes on the GPU, and whether there is one. */
import { EnvironmentError } from '../../../lib/errors.ts';
import { isOnGpu } from '../../../lib/tensors/backend.ts';
import { peerFile } from '../peers.ts';
import { ThroughputProcess } from '../throughput.ts';

/** What is measured, beside how much (`Bench`). */
export interface GpuOptions {
  /** Batches from the smallest to the largest. */
  readonly batchSizes: readonly number[];
  /** A Python that has PyTorch; one is installed where it is undefined. */
  readonly python: string | undefined;
}

/** How matrix products are computed: in float32 throughout, or from inputs that are rounded to 10 bits. */
export type Products = 'float32' | 'tf32';

/** Of NVIDIA's libraries, whoever uses them. Processes share the GPU, so that none takes more memory than it needs. */
const environmentOf = (products: Products): NodeJS.ProcessEnv => ({
  ...process.env,
  ...{ TF_FORCE_GPU_ALLOW_GROWTH: 'true', NVIDIA_TF32_OVERRIDE: products === 'tf32' ? '1' : '0' },
  PYTHONDONTWRITEBYTECODE: '1',
});

/** A process of this project on the GPU. */
export const startOnGpu = (
  dataDirectory: string | undefined,
  products: Products = 'float32',
): ThroughputProcess => ThroughputProcess.ofProject({ threads: 1, dataDirectory }, environmentOf(products));

/** The same on the processor, with the same libraries: no GPU is visible to it. */
export const startOnProcessor = (dataDirectory: string | undefined): ThroughputProcess =>
  ThroughputProcess.ofProject(
    { threads: 1, dataDirectory },
    { ...environmentOf('float32'), CUDA_VISIBLE_DEVICES: '' },
  );

/** PyTorch on the GPU, with the libraries that it brings. @param mnist the directory of the MNIST files themselves. */
export const startTorch = (python: string, mnist: string): ThroughputProcess =>
  new ThroughputProcess(python, [peerFile('torch_trainer.py'), mnist, 'cuda'], {
    ...environmentOf('float32'),
    LD_LIBRARY_PATH: undefined,
  });

/** Fingerprint of the backend, which names the GPU. @throws EnvironmentError where it computes on none. */
export async function demandGpu(): Promise<string> {
  const process = startOnGpu(undefined);
  try {
    const fingerprint = await process.ready();
    if (isOnGpu(fingerprint)) return fingerprint;
    throw new EnvironmentError(
      `expected a backend on a GPU, received ${fingerprint}: it takes an NVIDIA GPU, the libraries of ` +
        'functions/worker/cuda-requirements.txt on LD_LIBRARY_PATH, and tfjs-node as ' +
        'PADMM_TENSORFLOW=cuda node scripts/build-tfjs-node.mjs builds it',
    );
  } finally {
    await process.close();
  }
}
