/** The ways of going on from one round to the next that are compared. */
import { extrapolate } from '../../lib/consensus/momentum.ts';
import { Anderson } from './anderson.ts';
import { type Mix, meanOf, unmixed, type Vector } from './consensusRounds.ts';

/** A way of going on, begun anew for every run. */
export interface Scheme {
  readonly name: string;
  start(): { readonly mix: Mix; restarts(): number };
}

/** z̃ = z + μ · velocity, as runs have it. */
export const momentum = (factor: number): Scheme => ({
  name: `momentum ${factor}`,
  start() {
    let previous: Vector | null = null;
    const mix: Mix = (before, formed) => {
      const broadcast = formed.consensus.slice();
      if (previous !== null) extrapolate(formed.consensus, before.broadcast, previous, factor, broadcast);
      previous = before.broadcast;
      return { ...formed, broadcast };
    };
    return { mix, restarts: () => 0 };
  },
});

/** Takes z̃ ↦ z for the iteration; duals stay those against z. What a coordinator could do that keeps m + 1 versions. */
const onConsensus = (memory: number): Scheme => ({
  name: `Anderson on z, m = ${memory}`,
  start() {
    const anderson = new Anderson(memory);
    const mix: Mix = (before, formed) => ({
      ...formed,
      broadcast: anderson.next(before.broadcast, formed.consensus),
    });
    return { mix, restarts: () => anderson.restarts };
  },
});

const concatenate = (vectors: readonly Vector[]): Vector =>
  Float32Array.from(vectors.flatMap((vector) => [...vector]));

/**
 * Takes all w_i ↦ w_i for the iteration: z and every dual follow from them, so that this is the whole of ADMM's state
 * (as Douglas and Rachford's splitting has it; Ouyang, Peng, Yao, Zhang and Deng, Computer Graphics Forum 39, 2020).
 */
const onContributions = (memory: number): Scheme => ({
  name: `Anderson on all w_i, m = ${memory}`,
  start() {
    const anderson = new Anderson(memory);
    const mix: Mix = (before, formed) => {
      const next = anderson.next(concatenate(before.contributions), concatenate(formed.contributions));
      const size = formed.consensus.length;
      const contributions = formed.contributions.map((_, i) => next.slice(i * size, (i + 1) * size));
      const consensus = meanOf(contributions);
      return { consensus, broadcast: consensus, contributions };
    };
    return { mix, restarts: () => anderson.restarts };
  },
});

export const schemes: readonly Scheme[] = [
  { name: 'neither', start: () => ({ mix: unmixed, restarts: () => 0 }) },
  momentum(0.5),
  ...[2, 5].map(onConsensus),
  ...[2, 5].map(onContributions),
];
