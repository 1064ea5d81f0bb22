/** Whether figures are where they must be. */
import type { FigureKind, Outcome } from './figure.ts';
import type { FigureResult } from './results.ts';
import { type Interval, median, medianInterval } from './statistics.ts';

/** `unclear` where the limit lies inside the interval of the median: neither side of it is shown. */
export type Verdict = 'yes' | 'no' | 'unclear';

/** Where an interval lies beside a limit. */
export function verdictOf({ low, high }: Interval, limit: number, better: FigureKind['better']): Verdict {
  const [worst, best] = better === 'higher' ? [low, high] : [-high, -low];
  const bound = better === 'higher' ? limit : -limit;
  if (worst >= bound) return 'yes';
  return best < bound ? 'no' : 'unclear';
}

const NOT_MEASURED = {
  ratio: null,
  interval: null,
  holds: null,
  reachesAim: null,
  values: [],
  medians: {},
  raw: {},
};

/** @param judged whether limits are looked at; what a quick pass measures means nothing. */
export function resultOf(outcome: Outcome, judged: boolean): FigureResult {
  if ('skipped' in outcome) return { ...outcome, ...NOT_MEASURED };
  const { must, aim, better, values, raw } = outcome;
  const interval = medianInterval(values);
  const judge = (limit: number | null) =>
    limit === null || !judged ? null : verdictOf(interval, limit, better);
  const medians = Object.fromEntries(Object.entries(raw).map(([name, all]) => [name, median(all)]));
  return {
    ...outcome,
    values: [...values],
    raw: Object.fromEntries(Object.entries(raw).map(([name, all]) => [name, [...all]])),
    ...{ ratio: median(values), interval, medians, skipped: null, failed: false },
    holds: judge(must),
    reachesAim: judge(aim),
  };
}
