/** Σ n_i y_i = 0 within rounding after every full update without a prox (Boyd et al. 2011, section 7.1). */
import { expect, test } from 'vitest';
import { decodeParameters } from '../../lib/coordinator/parameterVector.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { testConfig } from '../support/runs.ts';
import { VirtualDeployment } from '../support/virtualRun.ts';

/** Of float32, some roundings of numbers around 1. */
const TOLERANCE = 4 * 2 ** -24;

/** |Σ n_i y_i / Σ n_i| of the newest version, the largest of its elements; y_i = w_i − z. */
function largestMeanDual({ store }: VirtualDeployment, state: RunState): number {
  const keys = runKeys(state.run);
  const read = (key: string) =>
    decodeParameters(new Uint8Array(store.objects.get(key)?.body ?? []), key).values;
  const { commitId = '' } = state.versions[state.version] ?? {};
  const z = read(keys.consensus(state.version, commitId));
  const sums = new Float64Array(z.length);
  let total = 0;
  for (const [shard, { samples, contribution }] of state.shards.entries()) {
    expect(contribution?.anchor).toBe(state.version);
    const w = read(keys.contribution(shard, contribution?.version ?? 0, contribution?.digest ?? ''));
    for (let i = 0; i < sums.length; i++)
      sums[i] = (sums[i] as number) + samples * ((w[i] as number) - (z[i] as number));
    total += samples;
  }
  return Math.max(...sums.map((sum) => Math.abs(sum) / total));
}

test.each([
  ['without momentum', { momentum: 0 }],
  ['with momentum and over-relaxation', { momentum: 0.7, relaxation: 1.5 }],
  ['where an asynchronous run waits for all', { mode: 'async' as const, arrivals: 5, momentum: 0.5 }],
])('%s', async (_what, consensus) => {
  const deployment = new VirtualDeployment();
  const run = await deployment.submit(
    testConfig({ shards: 5, stop: { maxRounds: 12 }, consensus: { ...consensus, weightDecay: 0 } }),
  );
  const duals = new Map<number, number>();
  await deployment.runToEnd([run], () => {
    const state = deployment.state(run);
    if (state.version > 0) duals.set(state.version, largestMeanDual(deployment, state));
  });
  expect(duals.size).toBe(12);
  for (const mean of duals.values()) expect(mean).toBeLessThan(TOLERANCE);
});
