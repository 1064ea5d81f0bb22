/**
 * How far V8 lets a heap grow before it marks all of it. Buffers that come and go with each request count towards that, so that
 * a process which passes on objects and holds little itself was marked every ten rounds of a small network and in each round of a
 * large one: a third of all the processor's time of a round without work. Where its heap may double first, with such buffers
 * counted as part of it and not under a limit of their own, it hardly ever marks; a worker then takes 5 % more memory, and the
 * process of the emulator, whose buffers are most of it, 40 %.
 *
 * Node takes no such options from NODE_OPTIONS. V8 reads them each time that it has marked a heap, so they may be set at any time.
 *
 * Source: `node --v8-options`, `--heap-growing-percent`, `--external-memory-accounted-in-global-limit`.
 */
import { setFlagsFromString } from 'node:v8';

const FLAGS = ['--heap-growing-percent=100', '--external-memory-accounted-in-global-limit'];

/** For a process that passes on objects; called once, when it begins. */
export function letHeapDouble(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}
