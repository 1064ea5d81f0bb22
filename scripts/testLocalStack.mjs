#!/usr/bin/env node
/**
 * `npm run test:localstack [-- --data DIR]`: the tests on LocalStack, which must not be skipped; with a directory of
 * MNIST's files also a training on them.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { data: { type: 'string' } } });
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/localstack'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    PADMM_TESTS: 'full',
    PADMM_REQUIRE: 'localstack',
    ...(values.data === undefined ? {} : { PADMM_MNIST_DIRECTORY: resolve(values.data) }),
  },
});
process.exitCode = status ?? 1;
