/** Models of text on the command line: raw text in, text out. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Model } from '../../lib/models/model.ts';
import { exportSafetensors } from '../../lib/models/safetensorsFile.ts';
import { characterModel, documentModel } from '../models/textModels.ts';
import { padmm } from '../support/commandLine.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

async function saved(model: Model): Promise<string> {
  const file = join(await temporaryDirectory(), 'model.safetensors');
  await writeFile(file, exportSafetensors(model));
  return file;
}

test('predict takes raw text from standard input or a file', async () => {
  const file = await saved(documentModel());
  const text = 'A good film\nworse than any\n';
  const { exitCode, stdout, stderr } = await padmm(['predict', file], { input: text });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(answers).toHaveLength(2);
  expect(answers[0].probabilities).not.toEqual(answers[1].probabilities);
  for (const { class: best, name } of answers) expect(name).toBe(['bad', 'good'][best]);
  const texts = join(await temporaryDirectory(), 'texts.txt');
  await writeFile(texts, text);
  expect((await padmm(['predict', file, '--input', texts])).stdout).toBe(stdout);
  const ids = await padmm(['predict', file, '--format', 'jsonl'], { input: '[0, 2, 5, 4]\n' });
  expect(JSON.parse(ids.stdout)).toEqual(answers[0]);
});

test('generate draws the same text again, after its prompt', async () => {
  const file = await saved(characterModel());
  const words = ['generate', file, '--prompt', 'ab', '--length', '40', '--temperature', '0.8', '--seed', '3'];
  const { exitCode, stdout, stderr } = await padmm(words);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect([...stdout]).toHaveLength(2 + 40 + 1);
  expect(stdout.startsWith('ab')).toBe(true);
  const document = JSON.parse((await padmm([...words, '--json'])).stdout);
  expect(`ab${document.text}\n`).toBe(stdout);
});

test.each([
  [['--prompt', 'xyz'], 'expected one of the 5 characters of the model\'s training text, received "x"'],
  [['--temperature', '-1'], 'Expected a number of at least 0.'],
  [['--length', 'many'], 'Expected a whole number of at least 1.'],
])('generate refuses %j', async (options, message) => {
  const { exitCode, stdout, stderr } = await padmm(['generate', await saved(characterModel()), ...options]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('generate refuses a model that is none of characters', async () => {
  const { exitCode, stderr } = await padmm(['generate', await saved(documentModel())]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('model: expected one of characters');
});
