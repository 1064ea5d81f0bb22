/** What curves are drawn against: where each version stands on the x axis. */
import { type Usage, usageUsd } from '../../protocol/cost.ts';
import type { RunFigures } from '../roundFigures.ts';
import type { NumberStyle } from './quantity.ts';

/** In the order in which they are offered. */
export const axisNames = ['rounds', 'samples', 'seconds', 'usd'] as const;
export type AxisName = (typeof axisNames)[number];

/** An x axis as the page's script labels it. */
export interface Axis {
  /** Of one place: `round 7`. */
  readonly label: string;
  /** Of a range: `rounds 1 to 7`. */
  readonly unit: string;
  readonly style: NumberStyle;
  /** Whether there are no places between whole numbers. */
  readonly whole: boolean;
}

const number = (maximumSignificantDigits: number): NumberStyle => {
  return { divisor: 1, format: { maximumSignificantDigits, useGrouping: 'min2' } };
};

export const axes: Readonly<Record<AxisName, Axis>> = {
  rounds: { label: 'round', unit: 'rounds', style: number(15), whole: true },
  samples: { label: 'samples', unit: 'samples', style: number(15), whole: true },
  seconds: { label: 'seconds', unit: 'seconds', style: number(6), whole: false },
  usd: { label: 'USD', unit: 'USD', style: number(4), whole: false },
};

/** Where a version stands; undefined for one whose round is not known. */
export type Places = (version: number) => number | undefined;

/** What was used until each round was formed: by the contributions taken in, and the evaluations of earlier versions. */
function usageByRound({ rounds, evaluations }: RunFigures): Usage[] {
  const used = { workerSeconds: 0, answers: 0 };
  let measured = 0;
  return rounds.map(({ version, arrivals, seconds }) => {
    used.workerSeconds += arrivals * (seconds.fetch + seconds.solve + seconds.upload);
    used.answers += arrivals;
    for (; (evaluations[measured]?.version ?? version) < version; measured += 1) {
      const { startedAtMs = 0, finishedAtMs = 0 } = evaluations[measured] ?? {};
      used.workerSeconds += Math.max(0, finishedAtMs - startedAtMs) / 1000;
      used.answers += 1;
    }
    return { ...used };
  });
}

function placeValues(figures: RunFigures, axis: Exclude<AxisName, 'rounds'>): number[] {
  const { rounds, createdAtMs, prices } = figures;
  if (axis === 'samples') return rounds.map(({ samplesSeen }) => samplesSeen);
  // Coordinators on different machines may disagree about the time.
  if (axis === 'seconds') return rounds.map((r) => Math.max(0, r.formedAtMs - createdAtMs) / 1000);
  return usageByRound(figures).map((usage) => usageUsd(prices, usage));
}

/**
 * Where the versions of a run stand on an axis: rounds, samples solved on, seconds since the run was created, or USD at
 * the prices of its config. The initial parameters stand at 0.
 */
export function placesOn(figures: RunFigures, axis: AxisName): Places {
  if (axis === 'rounds') return (version) => version;
  const values = placeValues(figures, axis);
  const byVersion = new Map(figures.rounds.map(({ version }, i) => [version, values[i]]));
  return (version) => (version === 0 ? 0 : byVersion.get(version));
}
