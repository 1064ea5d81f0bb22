/** Runs with the figures of a real one, made up: for tests of what is shown of them. */
import { sha256Hex } from '../../lib/codec/digest.ts';
import type { RunView } from '../../lib/observe/runView.ts';
import type { RunConfig, RunConfigInput } from '../../lib/protocol/config.ts';
import {
  type Arrival,
  arrivalSchema,
  type EvaluationRecord,
  type RoundRecord,
} from '../../lib/protocol/history.ts';
import { type RunState, runStateSchema, type VersionEntry } from '../../lib/protocol/state.ts';
import { testConfig, testState } from '../support/runs.ts';

export interface SyntheticOptions {
  readonly name?: string;
  readonly rounds?: number;
  readonly shards?: number;
  readonly workers?: number;
  readonly config?: Partial<RunConfigInput>;
}

const CREATED_AT_MS = Date.UTC(2031, 4, 6, 7, 8, 9);
const ROUND_MS = 420;
const EVALUATED_EVERY = 10;
const PARAMETER_BYTES = 86_056;
const PENALTY = { input: 0.1, recurrent: 0.1, readout: 0.01 };
const ULID = '01JT00000000000000000000AB';

/** Between 0 and 1, the same for the same arguments. */
function noise(...at: readonly number[]): number {
  const sine = Math.sin(at.reduce((sum, value, i) => sum + value * (12.9898 + 65.345 * i), 1)) * 43758.5453;
  return sine - Math.floor(sine);
}

const lossAt = (round: number): number => 2.3 * Math.exp(-round / 18) + 0.16;
const accuracyAt = (round: number): number => 1 - 0.9 * Math.exp(-round / 14) - 0.03;

function arrivalOf(round: number, shard: number, workers: number): Arrival {
  const worker = (shard + round) % workers;
  const solve = 0.22 + 0.12 * noise(round, shard);
  const startedAtMs = CREATED_AT_MS + 800 + (round - 1) * ROUND_MS + Math.floor(shard / workers) * 5;
  return arrivalSchema.parse({
    version: round - 1,
    shard,
    attempt: noise(shard, round, 3) > 0.985 ? 1 : 0,
    worker: { id: `worker-${worker}`, fingerprint: 'tensorflow/tfjs-4.22.0/threads-1' },
    startedAtMs,
    finishedAtMs: startedAtMs + Math.round(1000 * (solve + 0.05)),
    seconds: { fetch: 0.02 + 0.01 * noise(shard), solve, upload: 0.02 },
    transferred: { readBytes: PARAMETER_BYTES * (round === 1 ? 1 : 2), writtenBytes: PARAMETER_BYTES },
    digest: sha256Hex(`${round}/${shard}`),
    sizeBytes: PARAMETER_BYTES,
    figures: {
      loss: lossAt(round) * (0.9 + 0.2 * noise(shard, round)),
      accuracy: accuracyAt(round),
      stepSquaredNorm: 2,
      dualSquaredNorm: 1,
      batchSamples: 250,
    },
    samples: 2_700,
    staleness: 0,
  });
}

/** The record of one round. */
export function syntheticRound(version: number, shards: number, workers: number): RoundRecord {
  return {
    schema: 1,
    kind: 'round',
    version,
    formedAtMs: CREATED_AT_MS + 800 + version * ROUND_MS,
    arrivals: Array.from({ length: shards }, (_, shard) => arrivalOf(version, shard, workers)),
    residuals: { primal: 3 * 0.97 ** version + 0.02, dual: 0.8 * 0.95 ** version + 0.001 },
    penalty: PENALTY,
    loss: lossAt(version) * (0.95 + 0.1 * noise(version)),
    accuracy: Math.min(1, accuracyAt(version) * (0.98 + 0.04 * noise(version))),
    samplesSeen: version * shards * 250,
  };
}

function evaluationOf(version: number, split: 'validation' | 'test'): EvaluationRecord {
  const startedAtMs = CREATED_AT_MS + 800 + version * ROUND_MS + 20;
  const metrics = { loss: lossAt(version), accuracy: accuracyAt(version), samples: 1_200 };
  const times = { startedAtMs, finishedAtMs: startedAtMs + 90 };
  return { schema: 1, kind: 'evaluation', split, version, metrics, worker: 'worker-0', ...times };
}

function stateOf(
  config: RunConfig,
  run: string,
  rounds: readonly RoundRecord[],
  evaluations: readonly EvaluationRecord[],
): RunState {
  const version = rounds.length;
  const arrivals = rounds.flatMap((round) => round.arrivals);
  const metricsOf = (split: string) => evaluations.findLast((e) => e.split === split)?.metrics;
  const validation = metricsOf('validation');
  const measured = validation === undefined ? null : { version, metrics: validation };
  const sum = (value: (arrival: Arrival) => number): number => arrivals.reduce((s, a) => s + value(a), 0);
  const begun = testState(config, CREATED_AT_MS);
  const entry = { ...(begun.versions[0] as VersionEntry), version, digest: sha256Hex(run) };
  const last = rounds.at(-1);
  return runStateSchema.parse({
    ...begun,
    run,
    revision: version + 1,
    updatedAtMs: CREATED_AT_MS + 800 + version * ROUND_MS + 300,
    status: validation === undefined ? 'running' : 'done',
    version,
    versions: { [version]: entry },
    evaluations: { ...begun.evaluations, outstanding: [], latest: measured, best: measured },
    model:
      validation === undefined
        ? null
        : { version, validation, test: metricsOf('test') ?? null, digest: null },
    residuals: last?.residuals ?? null,
    latest: last === undefined ? null : { loss: last.loss, accuracy: last.accuracy },
    counters: {
      ...begun.counters,
      samplesSeen: last?.samplesSeen ?? 0,
      duplicates: 3,
      late: 1,
      refused: 2,
      workerReadBytes: sum((a) => a.transferred.readBytes),
      workerWrittenBytes: sum((a) => a.transferred.writtenBytes),
      workerSeconds: sum((a) => a.seconds.solve),
    },
    fingerprints: [...new Set(arrivals.map((a) => a.worker.fingerprint))],
    workers: [...new Set(arrivals.map((a) => a.worker.id))],
  });
}

/** A run that ended after `rounds` rounds, evaluated every ten and tested; one without rounds has just begun. */
export function syntheticRun(options: SyntheticOptions = {}): RunView {
  const { name = 'digits', rounds: count = 120, shards = 4, workers = 3, config = {} } = options;
  const rounds = Array.from({ length: count }, (_, i) => syntheticRound(i + 1, shards, workers));
  const evaluations = rounds
    .filter(({ version }) => version % EVALUATED_EVERY === 0)
    .map(({ version }) => evaluationOf(version, 'validation'));
  if (evaluations.length > 0) evaluations.push(evaluationOf(count, 'test'));
  const fullConfig = testConfig({ name, shards, stop: { maxRounds: Math.max(count, 1) }, ...config });
  return {
    config: fullConfig,
    state: stateOf(fullConfig, `${name}-${ULID}`, rounds, evaluations),
    rounds,
    evaluations,
  };
}
