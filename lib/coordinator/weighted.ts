import type { Arrival } from '../protocol/history.ts';

/** Σ n_i v_i / Σ n_i over arrivals; 0 over none. */
export function weighted(arrivals: readonly Arrival[], value: (arrival: Arrival) => number): number {
  const total = arrivals.reduce((sum, arrival) => sum + arrival.samples, 0);
  return arrivals.reduce((sum, arrival) => sum + (arrival.samples / total) * value(arrival), 0);
}
