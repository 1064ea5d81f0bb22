import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runConfigJsonSchema } from '../../lib/cli/configSchema.ts';
import { readRunConfig } from '../../lib/cli/readConfig.ts';
import { padmm, projectDirectory } from '../support/commandLine.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const examples = join(projectDirectory, 'examples');
const SCHEMA_FILE = 'run-config.schema.json';

const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

describe('the JSON Schema of a run config', () => {
  test('is published as it is now (npm run schema renews it)', async () => {
    expect(await readJson(join(examples, SCHEMA_FILE))).toEqual(runConfigJsonSchema());
  });

  test('demands no more than a name and a dataset', () => {
    expect(runConfigJsonSchema()).toMatchObject({
      required: ['name', 'dataset'],
      additionalProperties: false,
    });
  });

  test('is printed, and written to a file', async () => {
    const printed = await padmm(['schema']);
    expect(JSON.parse(printed.stdout)).toEqual(runConfigJsonSchema());
    const file = join(await temporaryDirectory(), SCHEMA_FILE);
    expect(await padmm(['schema', '--output', file])).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await readJson(file)).toEqual(runConfigJsonSchema());
  });

  test('is not written where no file can be', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    const { exitCode, stderr } = await padmm(['schema', '--output', join(file, 'below')]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`${file}/below: expected a file that can be written`);
    expect(await readFile(file, 'utf8')).toBe('');
  });
});

const configs = (await readdir(examples)).filter((name) => name.endsWith('.json') && name !== SCHEMA_FILE);

test.for(configs)('examples/%s is a valid run config that names the schema', async (name) => {
  const config = await readRunConfig(join(examples, name));
  expect(config.$schema).toBe(`./${SCHEMA_FILE}`);
});
