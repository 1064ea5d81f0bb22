import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { peerEnvironment, peerPython } from '../../bench/performance/peers.ts';
import type { Model } from '../../lib/models/model.ts';
import { exportOnnx } from '../../lib/models/onnx.ts';
import { predict } from '../../lib/models/predict.ts';
import { exportSafetensors } from '../../lib/models/safetensorsFile.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { projectDirectory } from '../support/commandLine.ts';
import { pythonWith } from '../support/pypi.ts';
import { requirement } from '../support/requirement.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { syntheticInputs, syntheticModel, TASKS } from './syntheticModel.ts';

const run = promisify(execFile);
const readers = await pythonWith('safetensors==0.8.0', 'numpy==2.4.6', 'onnxruntime==1.23.2');
/** Packages alone, to stand beside those of a peer: the NumPy of the readers must not come before the peer's. */
const codec = await pythonWith('safetensors==0.8.0');
const [keras, torch] = [await peerPython('keras'), await peerPython('torch')];

const testWithPypi = requirement('pypi', readers.missing);

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
  const file = join(await temporaryDirectory(), 'model.safetensors');
  await writeFile(file, exportSafetensors(model));
  const { stdout } = await run(readers.python ?? '', ['-c', READER, file]);
  const { metadata, tensors } = JSON.parse(stdout);
  expect(JSON.parse(metadata.description)).toMatchObject({ run: model.run, version: 40, shape: model.shape });
  expect(Object.keys(tensors).sort()).toEqual(['U', 'V', 'W', 'b', 'c']);
  for (const [name, { shape, data }] of model.parameters) {
    expect(tensors[name]).toEqual({ dtype: 'float32', shape, data: [...data] });
  }
});

/** The program of a chapter of docs/MODELS.md, as a reader copies it. */
async function documentedProgram(chapter: string): Promise<string> {
  const page = await readFile(join(projectDirectory, 'docs', 'MODELS.md'), 'utf8');
  const text = page.split(/^## /m).find((part) => part.startsWith(`${chapter}\n`)) ?? '';
  const program = /```python\n([\s\S]*?)```/.exec(text)?.[1];
  if (program === undefined) throw new Error(`docs/MODELS.md: no program under ${chapter}`);
  return program;
}

/** How each of the page's programs is called, with `model` and `inputs` (NumPy) there. */
const chapters = [
  {
    chapter: 'Keras',
    peer: keras,
    file: 'model.safetensors',
    encode: exportSafetensors,
    call: 'outputs = model.predict(inputs, verbose=0)',
  },
  {
    chapter: 'PyTorch',
    peer: torch,
    file: 'model.safetensors',
    encode: exportSafetensors,
    call: 'outputs = model(torch.from_numpy(inputs)).detach().numpy()',
  },
  {
    chapter: 'ONNX Runtime',
    peer: readers,
    file: 'model.onnx',
    encode: exportOnnx,
    call: 'outputs = model.run(["outputs"], {"inputs": inputs})[0]',
  },
];

const CALLER = (call: string) => `
import json as _json, sys as _sys, numpy as _numpy
for path, samples in _json.loads(_sys.stdin.read()):
    model = load_model(path)
    inputs = _numpy.array(samples, dtype="float32" if _numpy.ndim(samples) == 3 else "int64")
    ${call}
    print(_json.dumps([list(outputs.shape), outputs.ravel().tolist()]))
`;

const SAMPLES = 9;
const models: Model[] = Object.values<TaskShape>(TASKS).flatMap((shape) =>
  (['tanh', 'relu'] as const).map((cell) => syntheticModel(shape, cell)),
);

/** Inputs as nested lists: (samples, T) or (samples, T, n). */
function listsOf({ shape }: Model): unknown[] {
  const values = [...syntheticInputs(shape, SAMPLES)];
  const size = shape.input.kind === 'dense' ? shape.input.features : 1;
  const steps = Array.from({ length: SAMPLES * shape.timeSteps }, (_, i) =>
    size === 1 && shape.input.kind === 'oneHot' ? values[i] : values.slice(i * size, (i + 1) * size),
  );
  return Array.from({ length: SAMPLES }, (_, i) =>
    steps.slice(i * shape.timeSteps, (i + 1) * shape.timeSteps),
  );
}

async function runProgram(python: string, program: string, input: unknown): Promise<string> {
  const sitePackages = codec.python === null ? '' : join(codec.python, '..', '..', 'lib');
  const { stdout: version } = await run(python, [
    '-c',
    'import sys; print("python%d.%d" % sys.version_info[:2])',
  ]);
  const PYTHONPATH = join(sitePackages, version.trim(), 'site-packages');
  const running = run(python, ['-c', program], { env: { ...peerEnvironment(), PYTHONPATH } });
  running.child.stdin?.end(JSON.stringify(input));
  return (await running).stdout;
}

describe('programs of docs/MODELS.md', () => {
  for (const { chapter, peer, file, encode, call } of chapters) {
    requirement('pypi', peer.missing ?? codec.missing)(
      `${chapter} predicts what padmm does, for every kind of model`,
      async () => {
        const directory = await temporaryDirectory();
        const backend = await loadBackend({ threads: 1, prefer: 'cpu' });
        const given: [string, unknown[]][] = [];
        for (const [i, model] of models.entries()) {
          const path = join(directory, `${i}-${file}`);
          await writeFile(path, encode(model));
          given.push([path, listsOf(model)]);
        }
        const program = (await documentedProgram(chapter)) + CALLER(call);
        const lines = (await runProgram(peer.python ?? '', program, given)).trim().split('\n');
        expect(lines).toHaveLength(models.length);
        models.forEach((model, i) => {
          const expected = predict(
            model,
            { inputs: syntheticInputs(model.shape, SAMPLES), samples: SAMPLES },
            backend,
          );
          const [shape, values] = JSON.parse(lines[i] ?? '') as [number[], number[]];
          expect(shape).toEqual(expected.shape);
          const worst = Math.max(
            ...values.map((value, at) => Math.abs(value - (expected.data[at] ?? Number.NaN))),
          );
          expect(worst, `${model.config.cell} of ${JSON.stringify(model.shape)}`).toBeLessThan(1e-5);
        });
      },
      600_000,
    );
  }
});
