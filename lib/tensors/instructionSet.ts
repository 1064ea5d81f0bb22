import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';

/** Extensions that numerical libraries choose their kernels by. */
const DISPATCHED = /^(sse4_2|avx|fma|avx2|avx512\w*|avx_vnni|amx_\w+|asimd\w*|sve\w*|bf16|i8mm)$/;

/** Lines of /proc/cpuinfo that name the processor; the cache's size decides how products are blocked. */
const IDENTIFYING = ['model name', 'cpu family', 'model', 'cache size', 'CPU implementer', 'CPU part'];

function readProcessorInformation(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch (error) {
    // Only Linux has this file; elsewhere the model's name has to do.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `model name: ${cpus()[0]?.model ?? ''}`;
    throw error;
  }
}

const slug = (text: string): string => text.trim().replaceAll(/[^A-Za-z0-9.]+/g, '-');

/**
 * Names the processor as far as it decides the rounding of a sum: architecture, model, cache size and the vector
 * extensions that kernels are chosen by. Machines with equal names run the same instructions in the same order.
 *
 * @param information text in the form of Linux' /proc/cpuinfo.
 */
export function describeInstructionSet(information: string = readProcessorInformation()): string {
  const fields = new Map<string, string>();
  for (const line of information.split('\n')) {
    const [name = '', value = ''] = line.split(':', 2);
    if (!fields.has(name.trim())) fields.set(name.trim(), value);
  }
  const flags = (fields.get('flags') ?? fields.get('Features') ?? '').split(' ');
  const model = IDENTIFYING.map((name) => slug(fields.get(name) ?? '')).filter((value) => value !== '');
  const extensions = flags.filter((flag) => DISPATCHED.test(flag)).sort();
  return [arch(), model.join('_'), extensions.join('+')].filter((part) => part !== '').join('/');
}
