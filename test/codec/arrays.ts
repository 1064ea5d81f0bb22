import fc from 'fast-check';
import type { ArrayTensor, NamedArrays, TensorArray } from '../../lib/codec/safetensors.ts';

const constructors: readonly (new (buffer: ArrayBuffer) => TensorArray)[] = [
  Float32Array,
  Float64Array,
  Int32Array,
  Uint8Array,
];

/** Any tensor of up to three dimensions, from any bytes: NaN payloads, infinities and subnormals included. */
const tensor: fc.Arbitrary<ArrayTensor> = fc
  .tuple(fc.constantFrom(...constructors), fc.array(fc.nat(4), { maxLength: 3 }))
  .chain(([ArrayType, shape]) => {
    const elements = shape.reduce((a, b) => a * b, 1);
    const sizeBytes = elements * new ArrayType(new ArrayBuffer(0)).BYTES_PER_ELEMENT;
    return fc
      .uint8Array({ minLength: sizeBytes, maxLength: sizeBytes })
      .map((bytes) => ({ shape, data: new ArrayType(Uint8Array.from(bytes).buffer) }));
  });

/** Names that a JSON object or a prototype might trip over are among them. */
const name = fc
  .oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('0', '__proto__', 'constructor', 'toString'))
  .filter((text) => text !== '__metadata__');

/** Any named tensors, in any order. */
export const namedArrays: fc.Arbitrary<NamedArrays> = fc
  .uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 })
  .map((entries) => new Map(entries));

/** The bytes that an array shows, whatever buffer it is a view of. */
export const bytesOf = (data: TensorArray): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
