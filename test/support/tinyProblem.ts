/** The smallest real training: sequences of two steps, for tests that train a thousand times. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareRun } from '../../lib/client/submit.ts';
import type { PreparedDataset } from '../../lib/data/prepare.ts';
import { type RunConfig, type RunConfigInput, runConfigSchema } from '../../lib/protocol/config.ts';
import { npyBytes } from '../data/npyFiles.ts';
import { scatter } from './tasks.ts';

const SAMPLES = 60;
const [STEPS, FEATURES] = [2, 2];

/** Three shards and three rounds. */
export const tinyConfig = (overrides: Partial<RunConfigInput> = {}): RunConfig =>
  runConfigSchema.parse({
    name: 'tiny',
    dataset: {
      kind: 'sequences',
      source: { format: 'npy', inputs: 'inputs.npy', targets: 'targets.npy' },
      task: 'classification',
    },
    model: { hiddenUnits: 2 },
    solver: { batchSize: 4 },
    shards: 3,
    stop: { maxRounds: 3 },
    evaluation: { everyRounds: 2 },
    ...overrides,
  });

/** The data that {@link tinyConfig} names: the class is told by the last step. */
export async function prepareTiny(config = tinyConfig()): Promise<PreparedDataset> {
  const inputs = Float32Array.from(scatter(SAMPLES * STEPS * FEATURES));
  const last = (sample: number) => inputs[(sample + 1) * STEPS * FEATURES - 1] as number;
  const targets = Int32Array.from({ length: SAMPLES }, (_, sample) => (last(sample) > 0 ? 1 : 0));
  const directory = await mkdtemp(join(tmpdir(), 'padmm-tiny-'));
  try {
    await writeFile(join(directory, 'inputs.npy'), npyBytes('<f4', [SAMPLES, STEPS, FEATURES], inputs));
    await writeFile(join(directory, 'targets.npy'), npyBytes('<i4', [SAMPLES], targets));
    return await prepareRun({ config, dataDirectory: directory });
  } finally {
    await rm(directory, { recursive: true });
  }
}
