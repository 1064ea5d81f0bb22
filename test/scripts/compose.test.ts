import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectDirectory } from '../support/commandLine.ts';

const read = (...path: string[]): Promise<string> => readFile(join(projectDirectory, ...path), 'utf8');

test('compose.yaml starts the LocalStack that the tests run, on loopback alone', async () => {
  const [compose, requirements] = await Promise.all([
    read('compose.yaml'),
    read('scripts', 'localstack', 'requirements.txt'),
  ]);
  const tested = /^localstack-core==([\d.]+)$/m.exec(requirements)?.[1];
  expect(tested).toMatch(/^\d+\.\d+\.\d+$/);
  expect(compose).toContain(`image: localstack/localstack:${tested}\n`);
  const published = [...compose.matchAll(/- "([^"]+:\d+:\d+)"/g)].map(([, port]) => port);
  expect(published).toEqual(['127.0.0.1:4566:4566']);
});
