import { DataError } from '../errors.ts';
import { resolveDataFile } from './files.ts';
import { type NpyArray, readNpyIds, readNpyValues } from './npy.ts';
import type { ConfigOf, LoadOptions, TargetArray } from './samples.ts';
import type { SequenceSet, Sequences } from './sequences.ts';

type Config = ConfigOf<'sequences'>;
type ArraySource = Extract<Config['source'], { format: 'npy' }>;

/** More classes than this are taken for a mistake, such as values where ids are expected. */
const MAX_CLASSES = 1_000_000;

function refuseShape({ path, shape }: NpyArray<unknown>, expected: string): never {
  throw new DataError(path, { field: 'shape', expected, received: `(${shape.join(', ')})` });
}

interface ArraySet extends SequenceSet {
  readonly features: number;
  /** K. */
  readonly targetSize: number;
}

/** n of inputs (samples, T, n), 1 of (samples, T). */
function featuresOf(inputs: NpyArray<unknown>): number {
  const { shape } = inputs;
  if (![2, 3].includes(shape.length) || shape.includes(0)) {
    refuseShape(inputs, '(samples, T) or (samples, T, n), none of them 0');
  }
  return shape[2] ?? 1;
}

/** K of targets whose first axes are those of the inputs; 1 where they have no further axis. */
function targetSizeOf(
  targets: NpyArray<unknown>,
  inputs: NpyArray<unknown>,
  { readout, task }: Config,
): number {
  const leading = inputs.shape.slice(0, readout === 'every' ? 2 : 1);
  const [size = 1, ...more] = targets.shape.slice(leading.length);
  const agrees = leading.every((length, axis) => targets.shape[axis] === length);
  const isScalar = targets.shape.length === leading.length;
  if (!agrees || more.length > 0 || size === 0 || (task === 'classification' && !isScalar)) {
    const axes = leading.join(', ');
    const form = task === 'classification' ? `(${axes})` : `(${axes}) or (${axes}, K)`;
    refuseShape(targets, `${form}, as ${inputs.path} is (${inputs.shape.join(', ')})`);
  }
  return size;
}

async function readSet(
  files: { readonly inputs: string; readonly targets: string },
  classes: number,
  config: Config,
  options: LoadOptions,
): Promise<ArraySet> {
  const inputs = await readNpyValues(resolveDataFile(options, files.inputs));
  const features = featuresOf(inputs);
  const path = resolveDataFile(options, files.targets);
  const targets = await (config.task === 'regression' ? readNpyValues(path) : readNpyIds(path, classes));
  const targetSize = targetSizeOf(targets, inputs, config);
  const [count, timeSteps] = inputs.shape as [number, number];
  const data = { inputs: inputs.data, targets: targets.data };
  return { path: inputs.path, count, timeSteps, features, targetSize, ...data };
}

/** Ids are taken to be 0 … K − 1: the largest one tells K. */
function classesIn(ids: TargetArray): number {
  let classes = 2;
  for (const id of ids) classes = Math.max(classes, id + 1);
  return classes;
}

function checkTestSet(test: ArraySet, train: ArraySet): void {
  for (const field of ['features', 'targetSize'] as const) {
    if (test[field] === train[field]) continue;
    const mismatch = { field, expected: `${train[field]}, as training has`, received: `${test[field]}` };
    throw new DataError(test.path, mismatch);
  }
}

/**
 * Reads sequences from NumPy arrays.
 *
 * @throws DataError naming the file where it is no such array, its shape does not suit the task or the other array, or
 *   an element is not finite or no class id.
 */
export async function readSequenceArrays(
  config: Config & { readonly source: ArraySource },
  options: LoadOptions,
): Promise<Sequences> {
  const train = await readSet(config.source, MAX_CLASSES, config, options);
  const classes = classesIn(train.targets);
  const sets = [train];
  if (config.source.test) {
    const test = await readSet(config.source.test, classes, config, options);
    checkTestSet(test, train);
    sets.push(test);
  }
  const { features, targetSize } = train;
  const isRegression = config.task === 'regression';
  const target = isRegression
    ? ({ kind: 'values', size: targetSize } as const)
    : ({ kind: 'classes', classes } as const);
  return { sets, features, target };
}
