import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { decodeSafetensors, encodeSafetensors, type NamedArrays } from '../../lib/codec/safetensors.ts';
import { blankSafetensors } from '../../lib/codec/safetensorsHeader.ts';
import { IntegrityError } from '../../lib/errors.ts';
import { bytesOf, namedArrays } from './arrays.ts';

/** A file with any header and any data, well-formed or not. */
function fileOf(header: unknown, dataBytes = 0, headerLength?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, headerLength ?? BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const entry = (change: object = {}): object => ({
  dtype: 'F32',
  shape: [2],
  data_offsets: [0, 8],
  ...change,
});

/** Only bytes have an order in a file: JSON itself moves a name such as "0" to the front. */
const namesWithData = (tensors: NamedArrays): string[] =>
  [...tensors].filter(([, { data }]) => data.length > 0).map(([name]) => name);

describe('a round trip', () => {
  test('keeps names, order, types, shapes and every bit', () => {
    fc.assert(
      fc.property(namedArrays, fc.dictionary(fc.string(), fc.string()), (tensors, metadata) => {
        const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata));
        expect(new Set(decoded.tensors.keys())).toEqual(new Set(tensors.keys()));
        expect(namesWithData(decoded.tensors)).toEqual(namesWithData(tensors));
        for (const [name, { shape, data }] of tensors) {
          const back = decoded.tensors.get(name);
          expect(back?.shape).toEqual(shape);
          expect(back?.data.constructor).toBe(data.constructor);
          expect(bytesOf(back?.data ?? new Uint8Array())).toEqual(bytesOf(data));
        }
        expect(new Map(Object.entries(decoded.metadata))).toEqual(new Map(Object.entries(metadata)));
      }),
    );
  });

  test('is canonical: what was decoded encodes to the same bytes', () => {
    fc.assert(
      fc.property(namedArrays, (tensors) => {
        const file = encodeSafetensors(tensors);
        expect(sha256Hex(encodeSafetensors(decodeSafetensors(file).tensors))).toBe(sha256Hex(file));
      }),
    );
  });

  test('a blank file that is filled is the file that is encoded', () => {
    const floats = fc.dictionary(
      fc.string().filter((name) => name !== '__metadata__'),
      fc.array(fc.float({ noNaN: true }), { maxLength: 9 }),
    );
    fc.assert(
      fc.property(floats, (dictionary) => {
        const vectors = Object.entries(dictionary);
        const tensors = vectors.map(([name, { length }]) => ({ name, shape: [length, 1] }));
        const blank = blankSafetensors(tensors);
        blank.values.set(vectors.flatMap(([, values]) => values));
        const named = vectors.map(([name, values], i) => {
          return [name, { shape: tensors[i]?.shape ?? [], data: Float32Array.from(values) }] as const;
        });
        expect(sha256Hex(blank.file)).toBe(sha256Hex(encodeSafetensors(new Map(named))));
      }),
    );
  });

  test('works from bytes at an odd offset, where a view of the numbers is impossible', () => {
    const file = encodeSafetensors(new Map([['w', { shape: [3], data: Float32Array.of(1, -2, 0.5) }]]));
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    expect(decodeSafetensors(shifted.subarray(1)).tensors.get('w')?.data).toEqual(
      Float32Array.of(1, -2, 0.5),
    );
  });
});

test('the data begin at a multiple of 8 bytes, and the header says where each tensor lies', () => {
  const file = encodeSafetensors(
    new Map([
      ['b', { shape: [1], data: Uint8Array.of(7) }],
      ['a', { shape: [2], data: Float32Array.of(1, 2) }],
    ]),
    { version: '3' },
  );
  const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true));
  expect((8 + headerBytes) % 8).toBe(0);
  expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes)))).toEqual({
    __metadata__: { version: '3' },
    b: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
    a: { dtype: 'F32', shape: [2], data_offsets: [1, 9] },
  });
  expect(file.length).toBe(8 + headerBytes + 9);
});

test('a shape that does not fit its elements is not encoded', () => {
  const tensors = new Map([['w', { shape: [2, 2], data: new Float32Array(3) }]]);
  expect(() => encodeSafetensors(tensors)).toThrow(
    'safetensors: w: expected 4 elements for shape [2,2], received 3',
  );
});

test('a tensor cannot take the name of the metadata', () => {
  const tensors = new Map([['__metadata__', { shape: [1], data: new Float32Array(1) }]]);
  expect(() => encodeSafetensors(tensors, { version: '3' })).toThrow('__metadata__: expected a tensor');
});

test.for<[string, Uint8Array, string]>([
  ['nothing', new Uint8Array(0), 'length: expected at least 8 bytes, received 0'],
  ['half a header length', new Uint8Array(7), 'length: expected at least 8 bytes, received 7'],
  ['a header beyond the end', fileOf({}, 0, 3n), 'header length: expected at most 2 bytes, received 3'],
  ['a header of 2^63 bytes', fileOf({}, 0, 2n ** 63n), 'header length: expected at most 2 bytes'],
  ['no JSON', fileOf('{"w":'), 'header: expected a JSON object in UTF-8'],
  ['a JSON list', fileOf('[]'), 'header: expected a JSON object in UTF-8'],
  ['JSON null', fileOf('null'), 'header: expected a JSON object in UTF-8'],
  ['a byte that is no UTF-8', fileOf('{}').fill(0xff, 8), 'header: expected a JSON object in UTF-8'],
  ['an entry that is null', fileOf({ w: null }), 'w.dtype: expected F32, F64, I32, U8, BF16, F16'],
  ['an entry that is a number', fileOf({ w: 3 }), 'w.dtype: expected F32, F64, I32, U8, BF16, F16'],
  ['an unknown type', fileOf({ w: entry({ dtype: 'F8_E4M3' }) }, 8), 'BF16, F16, received "F8_E4M3"'],
  ['no shape', fileOf({ w: entry({ shape: undefined }) }, 8), 'w.shape: expected a list of sizes'],
  ['a negative size', fileOf({ w: entry({ shape: [-2] }) }, 8), 'w.shape: expected a list of sizes'],
  ['a size with a fraction', fileOf({ w: entry({ shape: [2.5] }) }, 8), 'received [2.5]'],
  ['a size that is text', fileOf({ w: entry({ shape: ['2'] }) }, 8), 'received ["2"]'],
  ['no offsets', fileOf({ w: entry({ data_offsets: undefined }) }, 8), 'w.data_offsets: expected [0, 8]'],
  [
    'offsets that are text',
    fileOf({ w: entry({ data_offsets: '08' }) }, 8),
    'w.data_offsets: expected [0, 8]',
  ],
  ['fewer bytes than the shape', fileOf({ w: entry({ data_offsets: [0, 4] }) }, 8), 'received [0,4]'],
  ['a gap before a tensor', fileOf({ w: entry({ data_offsets: [4, 12] }) }, 12), 'expected [0, 8]'],
  [
    'tensors that overlap',
    fileOf({ v: entry(), w: entry({ data_offsets: [4, 12] }) }, 12),
    'w.data_offsets: expected [8, 16], received [4,12]',
  ],
  [
    'data cut short',
    fileOf({ w: entry() }, 7),
    'w: expected data up to byte 70, received a file of 69 bytes',
  ],
  ['data that no tensor claims', fileOf({ w: entry() }, 9), 'length: expected 70 bytes as the header says'],
])('a file with %s is refused', ([, file, message]) => {
  const decode = (): unknown => decodeSafetensors(file, 'runs/a/z');
  expect(decode).toThrow(IntegrityError);
  expect(decode).toThrow(message);
  expect(decode).toThrow(/^runs\/a\/z: /);
});

test('any truncation of a file is refused', () => {
  fc.assert(
    fc.property(
      namedArrays,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (tensors, part) => {
        const file = encodeSafetensors(tensors);
        expect(() => decodeSafetensors(file.subarray(0, Math.floor(part * file.length)))).toThrow(
          IntegrityError,
        );
      },
    ),
  );
});

test('metadata that is not text by text is refused', () => {
  expect(() => decodeSafetensors(fileOf({ __metadata__: { version: 3 } }))).toThrow(
    '__metadata__: expected an object of strings',
  );
  expect(() => decodeSafetensors(fileOf({ __metadata__: 'x' }))).toThrow(IntegrityError);
});
