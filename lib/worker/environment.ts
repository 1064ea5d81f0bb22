import * as z from 'zod';
import { describeMismatches, EnvironmentError } from '../errors.ts';
import { mismatchesOf } from '../protocol/validate.ts';
import { type BackendName, backendNames } from '../tensors/backend.ts';

/** Environment variables of a worker process, with their units and defaults. */
const schema = z.object({
  /** Name of the worker in results, reports and logs. */
  PADMM_WORKER_ID: z.string().min(1).max(128).optional(),
  /** Threads of the tensorflow backend; part of the fingerprint. */
  PADMM_THREADS: z.coerce.number().int().min(1).max(256).default(1),
  /** The backend to use; the first that loads without it. */
  PADMM_BACKEND: z.enum(backendNames).optional(),
  /** Visibility time-out of the tasks queue. */
  PADMM_TASK_VISIBILITY_SECONDS: z.coerce.number().int().min(3).max(43_200).default(30),
  /** Long poll of the tasks queue; a short one ends sooner on SIGTERM where the emulator cannot abort it. */
  PADMM_TASK_WAIT_SECONDS: z.coerce.number().int().min(0).max(20).default(20),
  /** Directory that the workers of this host share contributions in. */
  PADMM_CACHE_DIR: z.string().min(1).optional(),
});

export interface WorkerEnvironment {
  readonly workerId: string;
  readonly threads: number;
  readonly backend: BackendName | undefined;
  readonly visibilitySeconds: number;
  readonly waitSeconds: number;
  readonly cacheDirectory: string | undefined;
}

/** @throws EnvironmentError naming every variable that is wrong. */
export function workerEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  defaultId: string,
): WorkerEnvironment {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    throw new EnvironmentError(describeMismatches('environment', mismatchesOf(parsed.error, environment)));
  }
  const values = parsed.data;
  return {
    workerId: values.PADMM_WORKER_ID ?? defaultId,
    threads: values.PADMM_THREADS,
    backend: values.PADMM_BACKEND,
    visibilitySeconds: values.PADMM_TASK_VISIBILITY_SECONDS,
    waitSeconds: values.PADMM_TASK_WAIT_SECONDS,
    cacheDirectory: values.PADMM_CACHE_DIR,
  };
}
