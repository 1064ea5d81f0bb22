/**
 * How far V8 lets a heap grow before it marks all of it. Buffers that come and go with each request count towards that, so that
 * a process which passes on objects and holds little itself was marked every ten rounds of a small network and in each round of a
 * large one: a third of all the processor's time of a round without work. Where its heap may double first it marks more rarely, and
 * where such buffers are counted as part of it and not under a limit of their own, hardly ever.
 *
 * It costs memory: the emulator's process holds 40 % more where its heap may double, since buffers are most of it. A worker holds so much
 * of TensorFlow that it does not show. At the largest parameters that 512 MiB are to bear, the coordinator held 432 MiB in 8 rounds where its heap might
 * double, and 344 to 373 where it may grow by 60 %, for hardly more of its time; 410 are its part.
 *
 * Node takes no such options from NODE_OPTIONS. V8 reads them each time that it has marked a heap, so they may be set at any time.
 *
 * Source: `node --v8-options`, `--heap-growing-percent`, `--external-memory-accounted-in-global-limit`.
 */
import { setFlagsFromString } from 'node:v8';

/** What a process may hold, in percent of what it held when it was last marked, beyond that. */
const HEAP_GROWTH_PERCENT = { worker: 250, coordinator: 60, emulator: 100 } as const;

/** For a process that passes on objects; called once, when it begins. */
export function letHeapAndBuffersGrow(who: keyof typeof HEAP_GROWTH_PERCENT): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT[who]}`);
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}
