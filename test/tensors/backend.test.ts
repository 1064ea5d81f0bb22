import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { EnvironmentError } from '../../lib/errors.ts';
import { availableBackends, backendNames, loadBackend } from '../../lib/tensors/backend.ts';
import { describeOnBackends } from '../support/backends.ts';

const run = promisify(execFile);
const root = new URL('../../', import.meta.url);

/** Runs an ES module in a process of its own. */
const inProcess = (source: string, env: Record<string, string | undefined> = {}) =>
  run(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: root,
    env: { ...process.env, ...env },
  });

describeOnBackends('a loaded backend', (backend) => {
  test('is set, and computes', () => {
    expect(tf.getBackend()).toBe(backend().name);
    const product = backend().tf.tidy(() =>
      tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync(),
    );
    expect([...product]).toEqual([11]);
  });

  test('has a fingerprint of backend, library, processor and threads', () => {
    const { fingerprint, name } = backend();
    expect(fingerprint).toMatch(new RegExp(`^${name}/tfjs-\\d+\\.\\d+\\.\\d+/(.*/)?threads-1/.+`));
    expect(fingerprint.length).toBeLessThanOrEqual(256);
  });

  test('loads again with the same fingerprint', async () => {
    const { name, fingerprint } = backend();
    expect((await loadBackend({ threads: 1, prefer: name })).fingerprint).toBe(fingerprint);
  });

  test('writes nothing to the console', async () => {
    const { stdout, stderr } = await inProcess(`
      import { loadBackend } from './lib/tensors/backend.ts';
      const { tf } = await loadBackend({ threads: 1, prefer: '${backend().name}' });
      tf.tanh(tf.tensor1d([1, 2])).dataSync();
    `);
    expect(stdout + stderr).toBe('');
  });
});

describeOnBackends('the tensorflow backend', () => {
  test('refuses another number of threads in the same process', async () => {
    await expect(loadBackend({ threads: 2, prefer: 'tensorflow' })).rejects.toThrow(
      /expected 1 threads as first loaded in this process, received 2/,
    );
  });

  test('is the first choice, and comes only when asked for', async () => {
    const { stdout } = await inProcess(`
        import { createRequire } from 'node:module';
        import { loadBackend } from './lib/tensors/backend.ts';
        const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('tfjs-node'));
        const before = loaded();
        const { name, fingerprint } = await loadBackend({ threads: 2 });
        console.log(JSON.stringify({ before, after: loaded(), name, threads: fingerprint.match(/threads-[0-9]+/)[0] }));
      `);
    expect(JSON.parse(stdout)).toEqual({
      before: false,
      after: true,
      name: 'tensorflow',
      threads: 'threads-2',
    });
  });

  test('takes on a GPU no more memory than it needs, and float32 products, unless it is told otherwise', async () => {
    const source = `
      import { loadBackend } from './lib/tensors/backend.ts';
      await loadBackend({ threads: 1, prefer: 'tensorflow' });
      const { TF_FORCE_GPU_ALLOW_GROWTH, NVIDIA_TF32_OVERRIDE } = process.env;
      console.log(TF_FORCE_GPU_ALLOW_GROWTH, NVIDIA_TF32_OVERRIDE);
    `;
    // What this process has set for itself would be the other's environment.
    const unset = { TF_FORCE_GPU_ALLOW_GROWTH: undefined, NVIDIA_TF32_OVERRIDE: undefined };
    expect((await inProcess(source, unset)).stdout).toBe('true 0\n');
    expect((await inProcess(source, { ...unset, NVIDIA_TF32_OVERRIDE: '1' })).stdout).toBe('true 1\n');
  });
}, ['tensorflow']);

describe('availability', () => {
  test('is told for every backend, with a reason where it does not load', async () => {
    const found = await availableBackends();
    expect(found.map(({ name }) => name)).toEqual([...backendNames]);
    for (const { fingerprint, reason } of found) expect(fingerprint === null).toBe(reason !== null);
    expect(found.find(({ name }) => name === 'cpu')?.reason).toBeNull();
  });

  test('a backend that does not load is an error that says why', async () => {
    // Without its binding, tfjs-node does not load.
    const source = `
      import { registerHooks } from 'node:module';
      registerHooks({ resolve: (specifier, context, next) => {
        if (specifier === '@tensorflow/tfjs-node') throw new Error('the addon is missing');
        return next(specifier, context);
      } });
      const { loadBackend } = await import('./lib/tensors/backend.ts');
      const failed = await loadBackend({ threads: 1, prefer: 'tensorflow' }).catch((error) => error);
      const { name } = await loadBackend({ threads: 1 });
      console.log(JSON.stringify({ error: failed.name, message: failed.message, name }));
    `;
    const { error, message, name } = JSON.parse((await inProcess(source)).stdout);
    expect(error).toBe(EnvironmentError.name);
    expect(message).toMatch(/tensorflow: the addon is missing/);
    expect(name).toBe('wasm');
  });
});
