/** On what, and with what, figures were measured. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import packageJson from '../../package.json' with { type: 'json' };

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  /** Mean number of processes that ran or waited in the minute before; a quiet machine has less than one. */
  readonly loadAverage: number;
}

export const describeMachine = (): Machine => ({
  processor: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
  loadAverage: Number((loadavg()[0] ?? 0).toFixed(2)),
});

/** Versions of what was measured; those of the peers are in their requirement files. */
export const describeVersions = (): Readonly<Record<string, string>> => ({
  padmm: packageJson.version,
  node: process.versions.node,
  'tfjs-node': packageJson.optionalDependencies['@tensorflow/tfjs-node'],
});
