/** The processor's time of each kernel that the tensorflow backend runs. */
import * as tf from '@tensorflow/tfjs-core';

type Execute = (name: string, ...rest: unknown[]) => tf.Tensor | tf.Tensor[];
type Kernels = Record<'executeSingleOutput' | 'executeMultipleOutputs', Execute>;

/** All calls of one kernel with one shape of its output, in one piece of work. */
export interface KernelTime {
  /** Name of the kernel and shape of its output. */
  readonly kernel: string;
  readonly calls: number;
  readonly milliseconds: number;
}

/** One call of a kernel: the how-manieth of its kind in a piece of work. */
interface Call {
  readonly kernel: string;
  leastMs: number;
}

/**
 * Times the same piece of work again and again, and keeps of each call the least: what else runs on the machine
 * hardly shows.
 */
export class KernelClock {
  readonly #calls = new Map<string, Call>();
  #seen = new Map<string, number>();

  /** Every kernel from now on is timed. */
  constructor() {
    const kernels = tf.backend() as unknown as Kernels;
    for (const method of ['executeSingleOutput', 'executeMultipleOutputs'] as const) {
      const execute = kernels[method].bind(kernels);
      kernels[method] = (name, ...rest) => {
        const start = process.cpuUsage();
        const output = execute(name, ...rest);
        const { user, system } = process.cpuUsage(start);
        const [first] = [output].flat();
        this.#take(`${name} [${first?.shape ?? ''}]`, (user + system) / 1000);
        return output;
      };
    }
  }

  #take(kernel: string, milliseconds: number): void {
    const occurrence = (this.#seen.get(kernel) ?? 0) + 1;
    this.#seen.set(kernel, occurrence);
    const key = `${kernel} ${occurrence}`;
    const call = this.#calls.get(key) ?? { kernel, leastMs: Number.POSITIVE_INFINITY };
    call.leastMs = Math.min(call.leastMs, milliseconds);
    this.#calls.set(key, call);
  }

  /** Begins a piece of work anew. */
  startOver(): void {
    this.#seen = new Map();
  }

  /** Kernels of one piece of work, the costliest first. */
  times(): KernelTime[] {
    const byKernel = Map.groupBy(this.#calls.values(), ({ kernel }) => kernel);
    const times = [...byKernel].map(([kernel, calls]) => ({
      ...{ kernel, calls: calls.length },
      milliseconds: calls.reduce((sum, { leastMs }) => sum + leastMs, 0),
    }));
    return times.sort((a, b) => b.milliseconds - a.milliseconds);
  }
}
