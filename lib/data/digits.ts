/**
 * Generated pictures of digits, of the same form as MNIST's: a learning problem that needs no download. A glyph's points
 * are jittered, joined by a smooth curve, turned, slanted, scaled and moved, drawn with a pen of random thickness, and
 * speckled.
 *
 * The arithmetic is + − × ÷ and the square root alone, which IEEE 754 defines to the last bit, so that a seed gives the
 * same pictures on every machine; `Math.sin` and `Math.exp` are not defined so.
 */

import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { GLYPHS, type Glyph, type Point } from './glyphs.ts';
import { DIGIT_NAMES, PICTURE_SIDE, pictureShape } from './pictures.ts';
import { randomStream } from './random.ts';
import { drawCurves, flatten } from './raster.ts';
import type { ConfigOf, DataProgress, LoadedDataset, LoadOptions, Samples } from './samples.ts';

/** Each is drawn evenly from its range, once a picture; `jitter`, in parts of the glyph's box, once a coordinate. */
const RANGES = {
  jitter: [-0.075, 0.075],
  /** Of half the angle's tangent: about ±17°. */
  halfTurn: [-0.15, 0.15],
  slant: [-0.25, 0.35],
  widthPixels: [9, 15],
  heightPixels: [14, 20.5],
  shiftPixels: [-3, 3],
  radiusPixels: [0.65, 1.7],
  ink: [0.7, 1],
  speckle: [0, 0.25],
} as const;
/** Part of the pixels that the generator draws a speckle for. */
const SPECKLED = 0.08;
const PICTURES_PER_PROGRESS = 1000;

type Range = readonly [number, number];
const within = (stream: RandomGenerator, [low, high]: Range): number =>
  low + (high - low) * uniformFloat64(stream);

const choose = <T>(stream: RandomGenerator, choices: readonly T[]): T =>
  choices[Math.floor(choices.length * uniformFloat64(stream))] as T;

/** A random map from the glyph's unit square to pixels. */
function placement(stream: RandomGenerator): (point: Point) => Point {
  const u = within(stream, RANGES.halfTurn);
  // A rotation without trigonometry: (1 − u²)/(1 + u²) and 2u/(1 + u²) are cosine and sine of 2·arctan u.
  const [cosine, sine] = [(1 - u * u) / (1 + u * u), (2 * u) / (1 + u * u)];
  const slant = within(stream, RANGES.slant);
  const [width, height] = [within(stream, RANGES.widthPixels), within(stream, RANGES.heightPixels)];
  const centre = (PICTURE_SIDE - 1) / 2;
  const [shiftX, shiftY] = [within(stream, RANGES.shiftPixels), within(stream, RANGES.shiftPixels)];
  return ([x, y]) => {
    const down = (y - 0.5) * height;
    const right = (x - 0.5) * width - slant * down;
    return [centre + shiftX + cosine * right - sine * down, centre + shiftY + sine * right + cosine * down];
  };
}

/** Moves every point a little; a point that two strokes share stays shared. */
function jitter(glyph: Glyph, stream: RandomGenerator): Glyph {
  const moved = new Map<string, Point>();
  return glyph.map((stroke) =>
    stroke.map((point) => {
      const known = moved.get(point.join());
      if (known) return known;
      const [x, y] = point;
      const next: Point = [x + within(stream, RANGES.jitter), y + within(stream, RANGES.jitter)];
      moved.set(point.join(), next);
      return next;
    }),
  );
}

function speckle(intensity: number, strength: number, stream: RandomGenerator): number {
  const drawn = uniformFloat64(stream);
  return drawn < SPECKLED ? intensity + (strength * drawn) / SPECKLED : intensity;
}

function drawDigit(label: number, stream: RandomGenerator, pixels: Uint8Array): void {
  const glyph = jitter(choose(stream, GLYPHS[label] as readonly Glyph[]), stream);
  const place = placement(stream);
  const curves = glyph.map((stroke) => flatten(stroke).map(place));
  const intensities = drawCurves(curves, within(stream, RANGES.radiusPixels));
  const ink = within(stream, RANGES.ink);
  const strength = within(stream, RANGES.speckle);
  for (let pixel = 0; pixel < pixels.length; pixel++) {
    const value = speckle(ink * (intensities[pixel] as number), strength, stream);
    pixels[pixel] = Math.floor(255 * Math.min(1, value));
  }
}

/**
 * Draws `count` pictures. Picture i depends on (seed, split, i) alone, so that a larger set begins with the smaller one,
 * and no test picture comes from the stream of a training picture.
 *
 * @returns inputs (count, 28, 28) of U8, targets (count) of the digits drawn.
 */
export function generateDigits(
  seed: number,
  split: 'train' | 'test',
  count: number,
  onPicture?: (done: number) => void,
): Samples {
  const size = PICTURE_SIDE ** 2;
  const inputs = new Uint8Array(count * size);
  const targets = new Int32Array(count);
  for (let index = 0; index < count; index++) {
    const stream = randomStream(`digits-${split}`, seed, index);
    const label = Math.floor(DIGIT_NAMES.length * uniformFloat64(stream));
    targets[index] = label;
    drawDigit(label, stream, inputs.subarray(index * size, (index + 1) * size));
    onPicture?.(index + 1);
  }
  return { count, inputs, targets };
}

/** Generates the training and the test pictures that the config asks for, read one row of pixels a time step. */
export async function loadDigits(
  config: ConfigOf<'digits'>,
  { onProgress }: LoadOptions,
): Promise<LoadedDataset> {
  const { trainSamples, testSamples, generatorSeed } = config;
  const total = trainSamples + testSamples;
  const report = (done: number): void => {
    const progress: DataProgress = { activity: 'drawing digits', done, total };
    if (done % PICTURES_PER_PROGRESS === 0 || done === total) onProgress?.(progress);
  };
  return {
    name: 'digits',
    shape: pictureShape(PICTURE_SIDE),
    train: generateDigits(generatorSeed, 'train', trainSamples, report),
    test: generateDigits(generatorSeed, 'test', testSamples, (done) => report(trainSamples + done)),
    classNames: DIGIT_NAMES,
  };
}
