/** The points of a sweep: every combination of the values that options of a config are to take. */
import { InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../../errors.ts';
import type { RunConfig } from '../../protocol/config.ts';
import { parseRunConfig } from '../../protocol/parseConfig.ts';
import { applySettings, parseSetting, type Setting } from '../setOption.ts';

/** An option of the config, and the values that it takes. */
export interface SweepAxis {
  /** Dotted path. */
  readonly key: string;
  readonly values: readonly unknown[];
}

export interface SweepPoint {
  /** One value an axis, in their order. */
  readonly settings: readonly Setting[];
  readonly config: RunConfig;
}

const MAX_POINTS = 1000;
/** What decides how the data are prepared: points that agree in these come one after the other, so that it is done once. */
const OF_DATA = /^(dataset\.|shards$|seed$)/;

/** `0..4` as 0, 1, 2, 3, 4; anything else as it is. */
function expandRange(value: unknown): readonly unknown[] {
  const [, from, to] = /^(-?\d+)\.\.(-?\d+)$/.exec(String(value)) ?? [];
  if (from === undefined) return [value];
  const [first, last] = [Number(from), Number(to)];
  if (last < first || last - first >= MAX_POINTS) {
    throw new InvalidArgumentError(`Expected a range such as 0..4 of at most ${MAX_POINTS} values.`);
  }
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** @throws InvalidArgumentError, which commander turns into a usage message. */
export function parseAxis(text: string): SweepAxis {
  const { path, value } = parseSetting(text);
  const key = path.join('.');
  const texts = typeof value === 'string' ? value.split(',') : [value];
  const read = Array.isArray(value)
    ? value
    : texts.flatMap((word) =>
        typeof word === 'string' ? expandRange(parseSetting(`${key}=${word}`).value) : [word],
      );
  if (new Set(read.map((one) => JSON.stringify(one))).size < read.length) {
    throw new InvalidArgumentError(`Expected values of ${key} that differ.`);
  }
  return { key, values: read };
}

/** `--set KEY=VALUES`, once an option of the config. */
export const axisOption = (): Option =>
  new Option(
    '--set <key=values>',
    'values of an option of the config: a,b,c, a range of whole numbers 0..4, or a JSON array; may be given several times',
  )
    .argParser((text: string, before: readonly SweepAxis[] = []) => [...before, parseAxis(text)])
    .default([], 'none');

function combinations(axes: readonly SweepAxis[]): Setting[][] {
  return axes.reduce<Setting[][]>(
    (points, { key, values }) =>
      points.flatMap((point) => values.map((value) => [...point, { path: key.split('.'), value }])),
    [[]],
  );
}

/** A value as a person would write it. */
export const valueText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** `shards=4 seed=1`, as a person would write it. */
export const describePoint = ({ settings }: Pick<SweepPoint, 'settings'>): string =>
  settings.map(({ path, value }) => `${path.join('.')}=${valueText(value)}`).join(' ');

/**
 * All points, every config checked before anything runs.
 *
 * @throws UsageError without an axis, where one is given twice, or with too many points; ConfigError naming the point
 *   whose config is wrong.
 */
export function sweepPoints(config: RunConfig, axes: readonly SweepAxis[]): SweepPoint[] {
  if (axes.length === 0)
    throw new UsageError('sweep: expected --set KEY=VALUES at least once, received none');
  const twice = axes.find(({ key }, i) => axes.findIndex((other) => other.key === key) < i);
  if (twice !== undefined) {
    throw new UsageError(`sweep: expected all values of ${twice.key} in one --set, received two`);
  }
  const size = axes.reduce((product, { values }) => product * values.length, 1);
  if (size > MAX_POINTS) throw new UsageError(`sweep: expected at most ${MAX_POINTS} runs, received ${size}`);
  const ordered = axes.toSorted((a, b) => Number(OF_DATA.test(b.key)) - Number(OF_DATA.test(a.key)));
  return combinations(ordered).map((settings) => ({
    settings,
    config: parseRunConfig(applySettings(config, settings), `config at ${describePoint({ settings })}`),
  }));
}
