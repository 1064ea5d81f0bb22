import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeGraphicsProcessors } from '../../lib/tensors/graphicsProcessors.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

async function directoryOf(...models: readonly string[]): Promise<string> {
  const directory = await temporaryDirectory();
  for (const [i, model] of models.entries()) {
    await mkdir(join(directory, `0000:0${i}:00.0`));
    const information = `Model: \t\t ${model}\nIRQ:   \t\t 11\nGPU UUID: \t GPU-1\n`;
    await writeFile(join(directory, `0000:0${i}:00.0`, 'information'), information);
  }
  return directory;
}

test('GPUs are named by their models, each once', async () => {
  expect(describeGraphicsProcessors(await directoryOf('Tesla T4', 'NVIDIA A10G', 'Tesla T4'))).toBe(
    'NVIDIA-A10G+Tesla-T4',
  );
});

test('without a driver, or where it says nothing of a GPU, there is no name', async () => {
  const directory = await directoryOf();
  expect(describeGraphicsProcessors(directory)).toBe('');
  await mkdir(join(directory, '0000:01:00.0'));
  expect(describeGraphicsProcessors(directory)).toBe('');
  expect(describeGraphicsProcessors(join(directory, 'none'))).toBe('');
});
