/**
 * How far V8 lets a heap grow before it marks all of it. Buffers that come and go with each request count towards that, so that
 * a process which passes on objects and holds little itself was marked every ten rounds of a small network and in each round of a
 * large one: a third of all the processor's time of a round without work. Where its heap may double first it marks more rarely, and
 * where such buffers are counted as part of it and not under a limit of their own, hardly ever.
 *
 * V8 sets the limit anew from the least that was held since, which is what is left after a sweep or between two folds: so the limit
 * has to be above what comes and goes in between. It costs little memory where large buffers are given back by hand
 * (`lib/codec/freeMemory.ts`): of a large run the emulator holds two thirds of what it held before that. A worker holds so
 * much of TensorFlow that it does not show. At the largest parameters that 512 MiB are to bear, the coordinator holds 292 to 305 MiB;
 * 410 are its part.
 *
 * Node takes no such options from NODE_OPTIONS. V8 reads them each time that it has marked a heap, so they may be set at any time.
 *
 * Source: `node --v8-options`, `--heap-growing-percent`, `--external-memory-accounted-in-global-limit`.
 */
import { setFlagsFromString } from 'node:v8';

/** What a process may hold, in percent of what it held when it was last marked, beyond that. */
const HEAP_GROWTH_PERCENT = { worker: 250, coordinator: 100, emulator: 200 } as const;

/** For a process that passes on objects; called once, when it begins. */
export function letHeapAndBuffersGrow(who: keyof typeof HEAP_GROWTH_PERCENT): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT[who]}`);
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}
