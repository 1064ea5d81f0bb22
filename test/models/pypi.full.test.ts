import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect } from 'vitest';
import { exportSafetensors } from '../../lib/models/safetensorsFile.ts';
import { requirement } from '../support/requirement.ts';
import { syntheticModel } from './syntheticModel.ts';

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), 'padmm-test-pypi-'));
const python = join(directory, 'venv', 'bin', 'python');

/** A virtual environment with the reference implementation; answers why there is none. */
async function install(): Promise<string | null> {
  try {
    await run('python3', ['-m', 'venv', join(directory, 'venv')]);
    await run(python, ['-m', 'pip', 'install', '--quiet', 'safetensors==0.8.0', 'numpy']);
    return null;
  } catch (error) {
    return String(error).split('\n')[0] ?? 'unknown';
  }
}

const testWithPypi = requirement('pypi', await install());

afterAll(() => rm(directory, { recursive: true, force: true }));

const READER = `
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], framework="numpy") as f:
    tensors = {name: f.get_tensor(name) for name in f.keys()}
    print(json.dumps({
        "metadata": f.metadata(),
        "tensors": {name: {"dtype": str(t.dtype), "shape": t.shape, "data": t.ravel().tolist()} for name, t in tensors.items()},
    }))
`;

testWithPypi('the safetensors of PyPI reads an exported model', async () => {
  const model = syntheticModel();
  const file = join(directory, 'model.safetensors');
  await writeFile(file, exportSafetensors(model));
  const { stdout } = await run(python, ['-c', READER, file]);
  const { metadata, tensors } = JSON.parse(stdout);
  expect(JSON.parse(metadata.description)).toMatchObject({ run: model.run, version: 40, shape: model.shape });
  expect(Object.keys(tensors).sort()).toEqual(['U', 'V', 'W', 'b', 'c']);
  for (const [name, { shape, data }] of model.parameters) {
    expect(tensors[name]).toEqual({ dtype: 'float32', shape, data: [...data] });
  }
});
