import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRunConfig } from '../../lib/cli/readConfig.ts';
import { ConfigError } from '../../lib/errors.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { padmm } from '../support/commandLine.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const MINIMAL = { name: 'a', dataset: { kind: 'digits' } };

async function fileWith(content: string | Uint8Array): Promise<string> {
  const file = join(await temporaryDirectory(), 'run.json');
  await writeFile(file, content);
  return file;
}

test('a config is read with every default filled in, a byte order mark or not', async () => {
  const filled = runConfigSchema.parse(MINIMAL);
  expect(await readRunConfig(await fileWith(JSON.stringify(MINIMAL)))).toEqual(filled);
  expect(await readRunConfig(await fileWith(`\uFEFF${JSON.stringify(MINIMAL)}`))).toEqual(filled);
});

test('comments and trailing commas are passed over', async () => {
  const text = '// a run\n{ "name": "a", /* which data */ "dataset": { "kind": "digits", }, }\n';
  expect(await readRunConfig(await fileWith(text))).toEqual(runConfigSchema.parse(MINIMAL));
});

test.for([
  ['two commas', '{\n  "name": "a",,\n}', '2:15', 'property name expected'],
  ['an end too early', '{\n  "name":', '2:10', 'value expected'],
  ['nothing', '', '1:1', 'value expected'],
  ['no JSON at all', 'name: a', '1:1', 'invalid symbol'],
  ['a comment without an end', '{\n  /* sigma\n}', '2:3', 'unexpected end of comment'],
  ['something after the end', '{}\n{}', '2:1', 'end of file expected'],
] as const)('a file with %s is refused at its line and column', async ([, content, place, received]) => {
  const file = await fileWith(content);
  await expect(readRunConfig(file)).rejects.toThrow(ConfigError);
  await expect(readRunConfig(file)).rejects.toThrow(`run config: ${file}:${place}: expected JSON, received`);
  await expect(readRunConfig(file)).rejects.toThrow(received);
});

test('a file that is no text, a directory and a file that is not there are refused by name', async () => {
  const binary = await fileWith(Uint8Array.of(0xff, 0xfe, 0x00));
  await expect(readRunConfig(binary)).rejects.toThrow(`${binary}: expected a readable text file in UTF-8`);
  const directory = await temporaryDirectory();
  await expect(readRunConfig(directory)).rejects.toThrow(`${directory}: expected a readable text file`);
  await expect(readRunConfig(`${directory}/no.json`)).rejects.toThrow('received no such file');
});

test('padmm validate prints the filled-in config, or names the file and every wrong field', async () => {
  const good = await padmm(['validate', await fileWith(JSON.stringify(MINIMAL))]);
  expect(good.exitCode).toBe(0);
  expect(good.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('estimate: '))).toEqual([]);
  expect(JSON.parse(good.stdout)).toEqual(runConfigSchema.parse(MINIMAL));
  const file = await fileWith(JSON.stringify({ ...MINIMAL, shards: 0, seed: -1 }));
  expect(await padmm(['validate', file])).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: [
      `padmm: run config ${file}:`,
      '  shards: expected number to be >=1, received 0',
      '  seed: expected number to be >=0, received -1',
      '',
    ].join('\n'),
  });
});
