/** Both ways against the format's reference implementation, PyPI's `safetensors`. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type NamedArrays } from '../../lib/codec/safetensors.ts';
import { pythonWith } from '../support/pypi.ts';
import { requirement } from '../support/requirement.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { bytesOf } from './arrays.ts';

const execute = promisify(execFile);
const { python, missing } = await pythonWith('safetensors==0.6.2');
const pypiTest = requirement('pypi', missing);

const tensors: NamedArrays = new Map([
  ['recurrent/W', { shape: [2, 3], data: Float32Array.of(0, -0, 1.5, Number.NaN, Infinity, 1e-45) }],
  ['odd', { shape: [3], data: Uint8Array.of(0, 7, 255) }],
  ['after an odd one', { shape: [1, 2, 1], data: Float64Array.of(Math.PI, -1e300) }],
  ['scalar', { shape: [], data: Int32Array.of(-2_147_483_648) }],
  ['empty', { shape: [0, 4], data: new Float32Array(0) }],
  ['ünïcödé "quoted"', { shape: [1], data: Int32Array.of(1) }],
]);

/** Prints what the reference implementation sees in a file, as JSON. */
const DESCRIBE = `
import json, sys
from safetensors import deserialize
data = open(sys.argv[1], 'rb').read()
print(json.dumps({name: {'dtype': t['dtype'], 'shape': t['shape'], 'hex': bytes(t['data']).hex()}
                  for name, t in deserialize(data)}))
`;

/** Writes tensors given as JSON by the reference implementation. */
const WRITE = `
import json, sys
from safetensors import serialize_file
tensors = {name: {'dtype': t['dtype'], 'shape': t['shape'], 'data': bytes.fromhex(t['hex'])}
           for name, t in json.loads(sys.argv[2]).items()}
serialize_file(tensors, sys.argv[1], {'made by': 'the reference'})
`;

const NAMES = { F32: 'float32', F64: 'float64', I32: 'int32', U8: 'uint8' } as const;

const dtypeOf = (data: unknown): keyof typeof NAMES => {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Float64Array) return 'F64';
  return data instanceof Int32Array ? 'I32' : 'U8';
};

const described = (nameOf: (dtype: keyof typeof NAMES) => string) =>
  Object.fromEntries(
    [...tensors].map(([name, { shape, data }]) => [
      name,
      { dtype: nameOf(dtypeOf(data)), shape, hex: Buffer.from(bytesOf(data)).toString('hex') },
    ]),
  );

pypiTest('the reference implementation reads what is written here', async () => {
  const file = join(await temporaryDirectory(), 'model.safetensors');
  await writeFile(file, encodeSafetensors(tensors, { version: '3' }));
  const { stdout } = await execute(`${python}`, ['-c', DESCRIBE, file]);
  expect(JSON.parse(stdout)).toEqual(described((dtype) => dtype));
});

pypiTest('what the reference implementation writes is read here', async () => {
  const file = join(await temporaryDirectory(), 'model.safetensors');
  await execute(`${python}`, ['-c', WRITE, file, JSON.stringify(described((dtype) => NAMES[dtype]))]);
  const decoded = decodeSafetensors(await readFile(file));
  expect(decoded.metadata).toEqual({ 'made by': 'the reference' });
  expect(new Set(decoded.tensors.keys())).toEqual(new Set(tensors.keys()));
  for (const [name, { shape, data }] of tensors) {
    expect(decoded.tensors.get(name)?.shape).toEqual(shape);
    expect(bytesOf(decoded.tensors.get(name)?.data ?? new Uint8Array())).toEqual(bytesOf(data));
  }
});
