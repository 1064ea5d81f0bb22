/** Runs, states and answers as the protocol's schemas want them, for tests of the coordinator. */
import { initialState } from '../../lib/coordinator/initialState.ts';
import { type RunConfig, type RunConfigInput, runConfigSchema } from '../../lib/protocol/config.ts';
import { newCommitId, newNonce, newRunId } from '../../lib/protocol/ids.ts';
import {
  type Control,
  type EvaluateResult,
  PROTOCOL_VERSION,
  type Refusal,
  type RefusalCause,
  type SolveResult,
} from '../../lib/protocol/messages.ts';
import type { RunState } from '../../lib/protocol/state.ts';

export const digestOf = (text: string): string =>
  Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64);

export function testConfig(overrides: Partial<RunConfigInput> = {}): RunConfig {
  return runConfigSchema.parse({
    name: 'test',
    dataset: { kind: 'digits' },
    shards: 3,
    stop: { maxRounds: 3 },
    evaluation: { everyRounds: 2 },
    ...overrides,
    // Runs end with the versions that their rounds formed, unless a test says otherwise.
    consensus: { averagedVersions: 0, ...overrides.consensus },
  });
}

export function testState(config: RunConfig, nowMs = 1000): RunState {
  const commitId = newCommitId();
  const initial = { version: 0, commitId, digest: digestOf('z0'), broadcastDigest: null };
  const shardSamples = Array.from({ length: config.shards }, (_, i) => 100 + i);
  return initialState({ run: newRunId(config.name), config, initial, shardSamples, nowMs });
}

const answered = (run: string, version: number, shard: number) => ({
  schema: PROTOCOL_VERSION as typeof PROTOCOL_VERSION,
  run,
  version,
  shard,
  attempt: 0,
  nonce: newNonce(),
  worker: { id: 'worker-1', fingerprint: 'cpu/1' },
  startedAtMs: 1000,
  finishedAtMs: 1100,
  seconds: { fetch: 0.01, solve: 0.08, upload: 0.01 },
  transferred: { readBytes: 10, writtenBytes: 20 },
});

export function solved(run: string, version: number, shard: number, digest?: string): SolveResult {
  return {
    ...answered(run, version, shard),
    kind: 'solve',
    digest: digest ?? digestOf(`${version}/${shard}`),
    sizeBytes: 100,
    figures: { loss: 1, accuracy: 0.5, stepSquaredNorm: 4, dualSquaredNorm: 0, batchSamples: 10 },
  };
}

export function evaluated(run: string, version: number, loss: number, accuracy = 0.5): EvaluateResult {
  return { ...answered(run, version, 0), kind: 'evaluate', metrics: { loss, accuracy, samples: 50 } };
}

export function tested(run: string, version: number, loss: number): EvaluateResult {
  return { ...answered(run, version, 0), kind: 'test', metrics: { loss, accuracy: 0.5, samples: 50 } };
}

export function refused(
  run: string,
  version: number,
  shard: number,
  attempt: number,
  cause: RefusalCause = 'unreadable',
): Refusal {
  return {
    ...answered(run, version, shard),
    attempt,
    kind: 'refusal',
    of: 'solve',
    cause,
    reason: 'no object',
  };
}

export function control(run: string, action: Exclude<Control['action'], 'setBudget'>): Control {
  return { schema: PROTOCOL_VERSION, kind: 'control', run, action, nonce: newNonce() };
}
