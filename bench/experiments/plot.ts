import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Axis, Chart } from './section.ts';

const [WIDTH_PIXELS, HEIGHT_PIXELS, LEGEND_PIXELS, LETTER_PIXELS] = [720, 380, 20, 7];
/** Okabe and Ito's colours, which people with any colour vision tell apart. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#999999'];

/** Logarithmic ticks as plain numbers, which would else be in SI units: 0.5, not 500m. */
const scaleOf = ({ label, scale }: Axis) => ({
  ...{ label, type: scale, grid: true },
  ...(scale === 'log' && { tickFormat: '~g' }),
});

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** Squares and names above the plot, in as many rows as they need. */
function legend(labels: readonly string[]): { svg: string; height: number } {
  let [x, y, svg] = [40, 4, ''];
  for (const [i, label] of labels.entries()) {
    const width = 14 + LETTER_PIXELS * label.length + 14;
    if (x > 40 && x + width > WIDTH_PIXELS) [x, y] = [40, y + LEGEND_PIXELS];
    svg += `<rect x="${x}" y="${y}" width="10" height="10" fill="${COLOURS[i % COLOURS.length]}"/>`;
    svg += `<text x="${x + 14}" y="${y + 9}">${escapeText(label)}</text>`;
    x += width;
  }
  return { svg, height: y + LEGEND_PIXELS };
}

/** Values that a scale can show: a logarithm wants them positive. */
const isShown = (value: number, { scale }: Axis): boolean =>
  Number.isFinite(value) && (scale === 'linear' || value > 0);

/** Draws a chart as one SVG document, black on white. */
export function drawChart({ caption, x, y, lines }: Chart): string {
  const rows = lines.flatMap(({ label, points }) =>
    points.filter((p) => isShown(p.x, x) && isShown(p.y, y)).map((p) => ({ ...p, label })),
  );
  const labels = lines.map(({ label }) => label);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const drawn = Plot.plot({
    ...{ document, width: WIDTH_PIXELS, height: HEIGHT_PIXELS, marginLeft: 60 },
    x: scaleOf(x),
    y: scaleOf(y),
    color: { domain: labels, range: labels.map((_, i) => COLOURS[i % COLOURS.length] as string) },
    marks: [
      Plot.line(rows, { x: 'x', y: 'y', stroke: 'label', strokeWidth: 1.8 }),
      Plot.dot(rows, { x: 'x', y: 'y', fill: 'label', r: lines.some((l) => l.points.length > 60) ? 0 : 2.2 }),
    ],
  });
  const key = legend(labels);
  const height = HEIGHT_PIXELS + key.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH_PIXELS} ${height}" width="${WIDTH_PIXELS}"`,
    ` height="${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeText(caption)}</title><rect width="100%" height="100%" fill="#fff"/>${key.svg}`,
    `<g transform="translate(0 ${key.height})">${drawn.outerHTML}</g></svg>\n`,
  ].join('');
}
