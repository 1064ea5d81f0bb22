/**
 * How far V8 lets a heap grow before it marks all of it. Buffers that come and go with each request count towards that, so that
 * a process which passes on objects and holds little itself is marked every ten rounds or so: a third of all the processor's
 * time of a round without work. Where its heap may double first, it takes about as much memory and hardly ever marks.
 *
 * Node takes no such option from NODE_OPTIONS. V8 reads it each time that it has marked a heap, so it may be set at any time.
 *
 * Source: `node --v8-options`, `--heap-growing-percent`.
 */
import { setFlagsFromString } from 'node:v8';

const GROWTH_PERCENT = 100;

/** For a process that passes on objects; called once, when it begins. */
export function letHeapDouble(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
