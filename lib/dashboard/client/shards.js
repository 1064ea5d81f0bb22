// Charts whose places are shards, made from the newest picture.

const SPECS = {
  staleness: {
    title: 'Staleness by shard',
    note: 'Of each shard’s newest contribution: how many versions it was behind when it was taken in, and how old it is now.',
    curves: /** @type {const} */ ({ staleness: 'when taken in', age: 'now' }),
    unit: /** @type {Intl.NumberFormatOptions} */ ({}),
  },
  seconds: {
    title: 'Seconds by shard',
    note: 'Time of each shard’s newest answer: stragglers stand out.',
    curves: /** @type {const} */ ({ seconds: 'newest answer' }),
    unit: /** @type {Intl.NumberFormatOptions} */ ({ style: 'unit', unit: 'second', unitDisplay: 'narrow' }),
  },
};

const number = { divisor: 1, format: { maximumSignificantDigits: 4 } };

/**
 * @param {keyof typeof SPECS} id
 * @param {RunPicture['shards']} columns
 * @returns {ChartPatch}
 */
export function shardChart(id, columns) {
  const { title, note, curves, unit } = SPECS[id];
  const names = /** @type {('staleness' | 'age' | 'seconds')[]} */ (Object.keys(curves));
  const series = names.map((name) => {
    const label = /** @type {Record<string, string>} */ (curves)[name] ?? name;
    return { label, sparse: true, values: columns[name] };
  });
  const largest = series.map(({ label, values }) => {
    const most = values.reduce((/** @type {number} */ high, value) => Math.max(high, value ?? 0), 0);
    return `${label} at most ${most}`;
  });
  return {
    ...{ id: `shard-${id}`, title, note, scale: 'linear', fromZero: true, from: 0, series },
    style: { divisor: 1, format: { ...number.format, ...unit } },
    axis: { label: 'shard', unit: 'shards', style: number, whole: true },
    x: columns.seconds.map((_, shard) => shard),
    summary: `${title}: ${largest.join(', ')}.`,
  };
}
