import { expect, test } from 'vitest';
import { submitRun } from '../../lib/client/submit.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { type SolveTask, taskSchema } from '../../lib/protocol/messages.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { downloadParameters, mapParameters } from '../../lib/tensors/parameters.ts';
import { Workspace } from '../../lib/worker/workspace.ts';
import { MemoryObjectStore, MemoryTaskQueue } from '../support/memoryCloud.ts';

test.each(['bfloat16', 'float16'] as const)(
  'whoever makes the next dual of a contribution in %s has what was averaged',
  async (wire) => {
    const store = new MemoryObjectStore();
    const tasks = new MemoryTaskQueue();
    const config = runConfigSchema.parse({
      ...{ name: 'tiny', dataset: { kind: 'digits', trainSamples: 40, testSamples: 10 } },
      ...{ model: { hiddenUnits: 20 }, shards: 1, consensus: { wire } },
    });
    const { run } = await submitRun({ store, tasks }, { config });
    const { from } = tasks.sent
      .map((body) => taskSchema.parse(JSON.parse(body)))
      .find(({ kind }) => kind === 'solve') as SolveTask;
    const backend = await loadBackend({ threads: 1, prefer: 'cpu' });
    const [maker, other] = [new Workspace(store, backend), new Workspace(store, backend)];
    const context = await maker.context(run);
    const z = await maker.version(context, from, 'consensus');
    const solution = mapParameters((name) => backend.tf.mul(z[name], 1.2345));
    const exact = downloadParameters(solution);
    const zBytes = [...exact.values()].reduce((sum, { data }) => sum + data.byteLength, 0);

    const { digest, sizeBytes } = await maker.storeContribution(context, 0, 0, solution);
    const taken = { version: 0, digest };
    const kept = downloadParameters(await maker.contribution(context, 0, taken));
    const read = downloadParameters(await other.contribution(await other.context(run), 0, taken));
    expect(kept).toEqual(read);
    expect(kept).not.toEqual(exact);
    expect(sizeBytes).toBeLessThan(0.6 * zBytes);
    const [about, received] = [exact.get('W')?.data[0] ?? 0, kept.get('W')?.data[0] ?? 0];
    expect(Math.abs(received / about - 1)).toBeLessThan(2 ** -8);
    for (const workspace of [maker, other]) workspace.clear();
  },
);
