import type { Point, Stroke } from './glyphs.ts';
import { PICTURE_SIDE } from './pictures.ts';

/** Straight segments that a curve between two points is drawn with. */
const SEGMENTS_PER_SPAN = 5;

/** Value of a Catmull–Rom spline between `b` and `c` at `t` in 0 … 1 (Catmull and Rom 1974, tension 1/2). */
function spline(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** The smooth curve through the points of a stroke, as a row of points close to each other. */
export function flatten(stroke: Stroke): Point[] {
  const at = (index: number): Point => stroke[Math.max(0, Math.min(stroke.length - 1, index))] as Point;
  const curve: Point[] = [at(0)];
  for (let span = 0; span + 1 < stroke.length; span++) {
    const [a, b, c, d] = [at(span - 1), at(span), at(span + 1), at(span + 2)];
    for (let step = 1; step <= SEGMENTS_PER_SPAN; step++) {
      const t = step / SEGMENTS_PER_SPAN;
      curve.push([spline(a[0], b[0], c[0], d[0], t), spline(a[1], b[1], c[1], d[1], t)]);
    }
  }
  return curve;
}

/**
 * Lowers, in a field of squared distances from pixel centres, those that are nearer to the segment from `p` to `q`;
 * pixels further away than `reach` are left alone. All lengths are in pixels.
 */
function approach(squaredDistances: Float64Array, p: Point, q: Point, reach: number): void {
  const [dx, dy] = [q[0] - p[0], q[1] - p[1]];
  const squaredLength = dx * dx + dy * dy;
  const first = (a: number, b: number): number => Math.max(0, Math.ceil(Math.min(a, b) - reach));
  const last = (a: number, b: number): number =>
    Math.min(PICTURE_SIDE - 1, Math.floor(Math.max(a, b) + reach));
  for (let y = first(p[1], q[1]); y <= last(p[1], q[1]); y++) {
    for (let x = first(p[0], q[0]); x <= last(p[0], q[0]); x++) {
      const along = squaredLength === 0 ? 0 : ((x - p[0]) * dx + (y - p[1]) * dy) / squaredLength;
      const t = Math.max(0, Math.min(1, along));
      const [ex, ey] = [p[0] + t * dx - x, p[1] + t * dy - y];
      const pixel = y * PICTURE_SIDE + x;
      squaredDistances[pixel] = Math.min(squaredDistances[pixel] as number, ex * ex + ey * ey);
    }
  }
}

/**
 * Draws curves with a round pen and an edge one pixel wide.
 *
 * @param curves in pixels; (0, 0) is the centre of the top left pixel.
 * @param radius of the pen, in pixels.
 * @returns 28 × 28 intensities in 0 … 1, row by row.
 */
export function drawCurves(curves: readonly (readonly Point[])[], radius: number): Float64Array {
  const reach = radius + 0.5;
  const field = new Float64Array(PICTURE_SIDE ** 2).fill(reach * reach);
  for (const curve of curves) {
    for (let at = 0; at + 1 < curve.length; at++) {
      approach(field, curve[at] as Point, curve[at + 1] as Point, reach);
    }
  }
  return field.map((squaredDistance) => Math.min(1, reach - Math.sqrt(squaredDistance)));
}
