/** Stored parameter sets as flat float32 vectors, and back. */
import {
  type ArrayTensor,
  decodeSafetensors,
  encodeSafetensors,
  type NamedArrays,
} from '../codec/safetensors.ts';
import { blankSafetensors, product } from '../codec/safetensorsHeader.ts';
import type { Layout, Segment } from '../consensus/layout.ts';
import { IntegrityError } from '../errors.ts';
import type { TensorForm } from '../protocol/blocks.ts';
import { groupOf, isParameterName } from '../protocol/parameters.ts';

/** A parameter set in one vector: the tensors follow each other as the layout says. */
export interface ParameterVector {
  readonly layout: Layout;
  readonly values: Float32Array<ArrayBuffer>;
}

const isBias = (shape: readonly number[]): boolean => shape.length === 1;

function segmentOf(subject: string, name: string, tensor: ArrayTensor, start: number): Segment {
  const { shape, data } = tensor;
  if (!isParameterName(name) || !(data instanceof Float32Array)) {
    const received = `${name} as ${data.constructor.name}`;
    throw new IntegrityError(subject, {
      field: name,
      expected: 'a float32 parameter of the network',
      received,
    });
  }
  return { name, shape, start, end: start + data.length, group: groupOf(name), decays: !isBias(shape) };
}

/** Tensors that do not lie side by side in one buffer, one after the other. */
function joined(tensors: NamedArrays, length: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length);
  let start = 0;
  for (const { data } of tensors.values()) {
    values.set(data, start);
    start += data.length;
  }
  return values;
}

/**
 * Decodes a stored parameter set without a copy where its numbers are float32 and aligned.
 *
 * @throws IntegrityError where the object is malformed or holds anything but float32 parameters.
 */
export function decodeParameters(bytes: Uint8Array<ArrayBuffer>, subject: string): ParameterVector {
  const segments: Segment[] = [];
  const { tensors } = decodeSafetensors(bytes, subject);
  let length = 0;
  for (const [name, tensor] of tensors) {
    const segment = segmentOf(subject, name, tensor, length);
    segments.push(segment);
    length = segment.end;
  }
  const first = tensors.values().next().value?.data as Float32Array<ArrayBuffer> | undefined;
  if (first === undefined) {
    throw new IntegrityError(subject, { field: 'tensors', expected: 'at least one', received: 'none' });
  }
  // A view of one tensor reaches over those that follow it in the same buffer.
  const values =
    first.buffer === bytes.buffer
      ? new Float32Array(bytes.buffer, first.byteOffset, length)
      : joined(tensors, length);
  return { layout: { segments, length }, values };
}

/** How tensors that follow each other lie in one vector. */
export function layoutOf(tensors: readonly TensorForm[]): Layout {
  const segments: Segment[] = [];
  let length = 0;
  for (const { name, shape } of tensors) {
    const end = length + product(shape);
    segments.push({ name, shape, start: length, end, group: groupOf(name), decays: !isBias(shape) });
    length = end;
  }
  return { segments, length };
}

/** A vector in the memory of what is stored of it, so that to store it takes no copy. */
export interface StorableVector extends ParameterVector {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A whole set whose numbers are still to be written, as the object that `decodeParameters` reads. */
export function blankParameters(layout: Layout): StorableVector {
  const { file, values } = blankSafetensors(layout.segments);
  return { layout, values, bytes: file };
}

/** Encodes a vector as the object that `decodeParameters` reads. */
export function encodeParameters({ layout, values }: ParameterVector): Uint8Array<ArrayBuffer> {
  const tensors = layout.segments.map(
    ({ name, shape, start, end }) => [name, { shape, data: values.subarray(start, end) }] as const,
  );
  return encodeSafetensors(new Map(tensors));
}

/** @throws IntegrityError where two parameter sets do not have the same tensors in the same shapes. */
export function requireSameLayout(expected: Layout, received: Layout, subject: string): void {
  const describe = ({ segments, length }: Layout) =>
    `${segments.map((s) => `${s.name}[${s.shape}]`).join(' ')}, ${length} elements`;
  const [want, have] = [describe(expected), describe(received)];
  if (want !== have) throw new IntegrityError(subject, { field: 'tensors', expected: want, received: have });
}
