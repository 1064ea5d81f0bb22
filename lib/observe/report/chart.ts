import { type Axis, axes, type Places } from './axis.ts';
import { type NumberStyle, numberStyle, type Quantity } from './quantity.ts';

/** A point of a curve: x and y; null where nothing was measured or the scale cannot show it. */
export type Point = readonly [x: number, y: number | null];

/** A curve before it is put on the common x axis of its chart. */
export interface Curve {
  readonly label: string;
  readonly points: readonly Point[];
  /** Measured now and then: its points are marked, and joined over the gaps. */
  readonly sparse: boolean;
}

/** What a chart shows, before layout. */
export interface ChartInput {
  readonly id: string;
  readonly title: string;
  /** One sentence: what is drawn, and how to read it. */
  readonly note: string;
  readonly quantity: Quantity;
  readonly scale: 'linear' | 'log';
  readonly curves: readonly Curve[];
}

/** A line chart as the page's script draws it: typed columns over one x axis. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly style: NumberStyle;
  readonly scale: 'linear' | 'log';
  /** Whether the y axis begins at 0: amounts are compared by their height. */
  readonly fromZero: boolean;
  readonly axis: Axis;
  readonly x: readonly number[];
  readonly series: readonly {
    readonly label: string;
    readonly sparse: boolean;
    /** One value a place of `x`. */
    readonly values: readonly (number | null)[];
  }[];
}

/** Digits kept of a value: more than a screen can show, a third of the bytes of a double. */
const SIGNIFICANT_DIGITS = 6;

const shorten = (value: number): number => Number(value.toPrecision(SIGNIFICANT_DIGITS));

/** A logarithmic scale has no place for 0. */
function drawable(value: number | null | undefined, scale: 'linear' | 'log'): number | null {
  if (value === null || value === undefined || (scale === 'log' && value <= 0)) return null;
  return shorten(value);
}

const largestOf = (values: readonly (number | null)[]): number =>
  values.reduce<number>((largest, value) => Math.max(largest, Math.abs(value ?? 0)), 0);

/** A curve over versions, moved to where they stand; a version that stands nowhere is left out. */
export function onAxis({ points, ...curve }: Curve, places: Places): Curve {
  const moved = points.flatMap(([version, y]): Point[] => {
    const x = places(version);
    return x === undefined ? [] : [[x, y]];
  });
  return { ...curve, points: moved };
}

/**
 * Lays curves over one x axis: the union of their places, ascending. Curves without any value are left out; null where
 * none is left.
 */
export function makeChart(
  { curves, quantity, scale, ...rest }: ChartInput,
  axis: Axis = axes.rounds,
): Chart | null {
  const shown = curves.filter(({ points }) => points.some(([, y]) => drawable(y, scale) !== null));
  if (shown.length === 0) return null;
  const x = [...new Set(shown.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const series = shown.map(({ label, sparse, points }) => {
    const byPlace = new Map(points);
    return { label, sparse, values: x.map((at) => drawable(byPlace.get(at), scale)) };
  });
  const style = numberStyle(quantity, largestOf(series.flatMap(({ values }) => values)));
  const fromZero = quantity === 'bytes' || quantity === 'seconds';
  return { ...rest, scale, style, fromZero, axis, x, series };
}

/** A chart in words, for those who do not see it: each curve's first, last and extreme values. */
export function describeChart({ title, style, axis, x, series }: Chart): string {
  const write = (value: number): string =>
    new Intl.NumberFormat('en', style.format).format(value / style.divisor);
  const curves = series.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    const low = known.reduce((a, b) => Math.min(a, b));
    const high = known.reduce((a, b) => Math.max(a, b));
    const [first, last] = [known[0] as number, known.at(-1) as number];
    return `${label} from ${write(first)} to ${write(last)}, between ${write(low)} and ${write(high)}`;
  });
  return `${title}, ${axis.unit} ${x[0]} to ${x.at(-1)}: ${curves.join('; ')}.`;
}
