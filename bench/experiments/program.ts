import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Hex } from '../../lib/codec/digest.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
/** What a trial's result depends on. */
const SOURCES = [
  'lib/{admm,baselines,codec,consensus,coordinator,data,protocol,rnn,tensors,worker}/**/*.ts',
  'bench/experiments/trials/*.ts',
];

/** Digest of the sources that results depend on: results of equal digests were made by the same program. */
export async function programDigest(): Promise<string> {
  const files: string[] = [];
  for await (const file of glob(SOURCES, { cwd: project })) files.push(file);
  const digests = await Promise.all(
    files.sort().map(async (file) => `${file} ${sha256Hex(await readFile(join(project, file)))}`),
  );
  return sha256Hex(digests.join('\n'));
}
