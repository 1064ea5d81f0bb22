/**
 * One part of a stored dataset: a safetensors object with `inputs` and `targets`, sample-major, as
 * `lib/protocol/dataset.ts` states their shapes and dtypes.
 */
import { sha256Hex } from '../codec/digest.ts';
import {
  type ArrayTensor,
  decodeSafetensors,
  encodeSafetensors,
  type TensorArray,
} from '../codec/safetensors.ts';
import { IntegrityError } from '../errors.ts';
import type { Part, TaskShape } from '../protocol/dataset.ts';
import { type InputArray, type Samples, selectSamples, type TargetArray } from './samples.ts';

/** A part by value. */
export interface DecodedPart {
  /** (samples, T, n) of U8 or F32, or (samples, T) of I32 token ids. */
  readonly inputs: InputArray;
  /** (samples) or (samples, T) of I32 class ids; (samples, K) or (samples, T, K) of F32 values. */
  readonly targets: TargetArray;
  readonly samples: number;
}

/** Shapes of the two tensors of a part. */
function partShapes(shape: TaskShape, samples: number): { inputs: number[]; targets: number[] } {
  const { input, target, timeSteps, readout } = shape;
  const steps = readout === 'every' ? [timeSteps] : [];
  return {
    inputs: [samples, timeSteps, ...(input.kind === 'dense' ? [input.features] : [])],
    targets: [samples, ...steps, ...(target.kind === 'values' ? [target.size] : [])],
  };
}

/** Encodes the samples at `indices`, in that order. */
export function encodePart(samples: Samples, indices: Int32Array, shape: TaskShape): Uint8Array<ArrayBuffer> {
  const { inputs, targets } = selectSamples(samples, indices);
  const shapes = partShapes(shape, indices.length);
  return encodeSafetensors(
    new Map<string, ArrayTensor>([
      ['inputs', { shape: shapes.inputs, data: inputs }],
      ['targets', { shape: shapes.targets, data: targets }],
    ]),
  );
}

const refuse = (subject: string, field: string, expected: string, received: string): never => {
  throw new IntegrityError(subject, { field, expected, received });
};

function checkBytes(bytes: Uint8Array, part: Part, subject: string): void {
  if (bytes.length !== part.sizeBytes) {
    refuse(subject, 'size', `${part.sizeBytes} bytes as the manifest says`, `${bytes.length}`);
  }
  const digest = sha256Hex(bytes);
  if (digest !== part.digest) refuse(subject, 'digest', `${part.digest} as the manifest says`, digest);
}

function checkShape(
  subject: string,
  name: string,
  tensor: ArrayTensor | undefined,
  shape: number[],
): TensorArray {
  const { shape: received, data } = tensor ?? refuse(subject, name, `a tensor of shape [${shape}]`, 'none');
  if (received.join() !== shape.join()) refuse(subject, name, `shape [${shape}]`, `[${received}]`);
  return data;
}

function checkIds(subject: string, name: string, array: TensorArray, bound: number): Int32Array<ArrayBuffer> {
  if (!(array instanceof Int32Array)) return refuse(subject, name, 'dtype I32', array.constructor.name);
  const wrong = array.findIndex((id) => id < 0 || id >= bound);
  if (wrong >= 0) refuse(subject, `${name}[${wrong}]`, `0 to ${bound - 1}`, `${array[wrong]}`);
  return array;
}

function checkFinite(subject: string, name: string, array: TensorArray): Float32Array<ArrayBuffer> {
  if (!(array instanceof Float32Array)) return refuse(subject, name, 'dtype F32', array.constructor.name);
  const wrong = array.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) refuse(subject, `${name}[${wrong}]`, 'a finite value', `${array[wrong]}`);
  return array;
}

function checkInputs(subject: string, inputs: TensorArray, { input }: TaskShape): InputArray {
  if (input.kind === 'oneHot') return checkIds(subject, 'inputs', inputs, input.vocabulary);
  return inputs instanceof Uint8Array ? inputs : checkFinite(subject, 'inputs', inputs);
}

function checkTargets(subject: string, targets: TensorArray, { target }: TaskShape): TargetArray {
  if (target.kind === 'classes') return checkIds(subject, 'targets', targets, target.classes);
  return checkFinite(subject, 'targets', targets);
}

/**
 * Decodes a part and checks it against what the manifest says: size, digest, shapes, dtypes, finite values, token ids
 * below the vocabulary's size and class ids below the number of classes.
 *
 * @param subject key of the object, for the message of an error.
 * @throws IntegrityError naming the tensor (and element) that is wrong.
 */
export function decodePart(bytes: Uint8Array, part: Part, shape: TaskShape, subject: string): DecodedPart {
  checkBytes(bytes, part, subject);
  const { tensors } = decodeSafetensors(bytes, subject);
  const shapes = partShapes(shape, part.samples);
  const inputs = checkShape(subject, 'inputs', tensors.get('inputs'), shapes.inputs);
  const targets = checkShape(subject, 'targets', tensors.get('targets'), shapes.targets);
  return {
    samples: part.samples,
    inputs: checkInputs(subject, inputs, shape),
    targets: checkTargets(subject, targets, shape),
  };
}
