import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { padmm } from '../support/commandLine.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

async function validate(relaxation: number, stepLength: 'search' | 'full'): Promise<string> {
  const directory = await temporaryDirectory();
  const dataset = { kind: 'digits' };
  const config = { name: 'a', dataset, consensus: { relaxation }, solver: { stepLength } };
  await writeFile(join(directory, 'run.json'), JSON.stringify(config));
  const { exitCode, stderr } = await padmm(['validate', 'run.json'], { cwd: directory });
  expect(exitCode).toBe(0);
  return stderr;
}

test('over-relaxation that long steps would carry to 2 is warned of, and no other', async () => {
  expect(await validate(1.7, 'search')).toContain(
    'consensus.relaxation: expected less than 1.67, since a shard may go 1.2 times its step, received 1.7',
  );
  expect(await validate(1.6, 'search')).not.toContain('consensus.relaxation');
  expect(await validate(1.7, 'full')).not.toContain('consensus.relaxation');
});
