/**
 * Initial parameters z_0, drawn in float64 by plain JavaScript and rounded to float32 once: the same on every
 * backend and machine.
 */
import { Matrix, QrDecomposition } from 'ml-matrix';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Initializer, ModelConfig } from '../protocol/config.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import { type ParameterName, parameterNames } from '../protocol/parameters.ts';
import type { ParameterArrays } from '../tensors/parameters.ts';
import { parameterShapes } from './shape.ts';

/** Draws one number. */
type Draw = () => number;

/** Draws the elements of a (rows, columns) matrix, row by row. */
type DrawMatrix = (rows: number, columns: number) => Float64Array;

/** Standard normal numbers by the polar method (Marsaglia and Bray, SIAM Review 6, 1964). */
function createGaussian(uniform: Draw): Draw {
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    for (;;) {
      const [u, v] = [2 * uniform() - 1, 2 * uniform() - 1];
      const squared = u * u + v * v;
      if (squared >= 1 || squared === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(squared)) / squared);
      spare = v * scale;
      return u * scale;
    }
  };
}

const fill =
  (draw: Draw): DrawMatrix =>
  (rows, columns) =>
    Float64Array.from({ length: rows * columns }, draw);

/**
 * An orthogonal matrix, uniform over all of them: Q of a Gaussian matrix with the signs that make the diagonal of R
 * positive (Mezzadri, Notices of the AMS 54, 2007). Times `gain`.
 */
function drawOrthogonal(gaussian: Draw, gain: number): DrawMatrix {
  return (rows, columns) => {
    const decomposition = new QrDecomposition(
      Matrix.from1DArray(rows, columns, fill(gaussian)(rows, columns)),
    );
    const { orthogonalMatrix: Q, upperTriangularMatrix: R } = decomposition;
    return Float64Array.from({ length: rows * columns }, (_, i) => {
      const column = i % columns;
      return gain * Math.sign(R.get(column, column)) * Q.get(Math.floor(i / columns), column);
    });
  };
}

type WeightDraws = Readonly<Record<'U' | 'W' | 'V', DrawMatrix>>;

/** How each weight matrix is drawn, by the kind of initializer. */
function weightDraws(
  shape: TaskShape,
  { embeddingDeviation }: Pick<ModelConfig, 'embeddingDeviation'>,
  initializer: Initializer,
  uniform: Draw,
): WeightDraws {
  const gaussian = createGaussian(uniform);
  const scaledBy =
    (deviation: (rows: number) => number): DrawMatrix =>
    (rows, columns) =>
      fill(() => deviation(rows) * gaussian())(rows, columns);
  const byFanIn = scaledBy((rows) => 1 / Math.sqrt(rows));
  // One row of U is all that a one-hot input reads: its fan-in is one, whatever the vocabulary.
  const U = shape.input.kind === 'oneHot' ? scaledBy(() => embeddingDeviation) : byFanIn;
  switch (initializer.kind) {
    case 'orthogonal':
      return { U, W: drawOrthogonal(gaussian, initializer.gain), V: byFanIn };
    case 'gaussian':
      return { U, W: scaledBy((rows) => initializer.gain / Math.sqrt(rows)), V: byFanIn };
    case 'normal': {
      const alike = scaledBy(() => initializer.standardDeviation);
      return { U: alike, W: alike, V: alike };
    }
    case 'glorot': {
      const alike: DrawMatrix = (rows, columns) => {
        const limit = Math.sqrt(6 / (rows + columns));
        return fill(() => limit * (2 * uniform() - 1))(rows, columns);
      };
      return { U: alike, W: alike, V: alike };
    }
  }
}

/**
 * Draws z_0. The biases b and c are zero; the weights are drawn in the order U, W, V from one generator.
 *
 * @param seed a non-negative integer below 2³¹.
 */
export function drawInitialParameters(
  shape: TaskShape,
  model: Pick<ModelConfig, 'hiddenUnits' | 'initializer' | 'embeddingDeviation'>,
  seed: number,
): ParameterArrays {
  const generator = xoroshiro128plus(seed);
  const draws = weightDraws(shape, model, model.initializer, () => uniformFloat64(generator));
  const shapes = parameterShapes(shape, model);
  const drawWeights = (name: keyof WeightDraws): Float32Array<ArrayBuffer> => {
    const [rows = 0, columns = 0] = shapes[name];
    return Float32Array.from(draws[name](rows, columns));
  };
  const arrays: Record<ParameterName, Float32Array<ArrayBuffer>> = {
    U: drawWeights('U'),
    W: drawWeights('W'),
    b: new Float32Array(shapes.b[0] ?? 0),
    V: drawWeights('V'),
    c: new Float32Array(shapes.c[0] ?? 0),
  };
  return new Map(parameterNames.map((name) => [name, { shape: shapes[name], data: arrays[name] }]));
}
