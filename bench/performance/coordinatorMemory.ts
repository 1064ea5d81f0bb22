/** The coordinator's bundle in a process of its own, as Lambda runs it, and the most memory that the process ever held. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toEnvironment } from '../../lib/cloud/deployment.ts';
import { FOLDS_VARIABLE } from '../../lib/cloud/foldQueue.ts';
import { createJson, encodeJson } from '../../lib/cloud/json.ts';
import { checksumHex } from '../../lib/codec/checksum.ts';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { encodeSafetensors } from '../../lib/codec/safetensors.ts';
import { advance } from '../../lib/coordinator/advance.ts';
import { initialState } from '../../lib/coordinator/initialState.ts';
import { loadState } from '../../lib/coordinator/stateObject.ts';
import { LambdaProcess } from '../../lib/emulator/lambdaProcess.ts';
import { openLocalStore } from '../../lib/emulator/localStore.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import { newCommitId, newRunId } from '../../lib/protocol/ids.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import type { SolveResult, StoredVersion } from '../../lib/protocol/messages.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { solvedBy } from './answers.ts';
import { bundleCoordinator } from './bundle.ts';

/** What Lambda gives a function at once of a FIFO queue. */
const BATCH_RECORDS = 10;
const INVOCATION_MS = 600_000;

export interface MemoryOptions {
  readonly directory: string;
  readonly config: RunConfig;
  /** P; rounded down to a square matrix of float32. */
  readonly parameterBytes: number;
  readonly rounds: number;
}

export interface MeasuredMemory {
  /** Of the process, once it has loaded the handler. */
  readonly idleBytes: number;
  /** The most that it ever held. */
  readonly peakBytes: number;
  readonly state: RunState;
}

/** A field of /proc/PID/status, in bytes. Source: proc_pid_status(5). */
async function memoryOf(pid: number | null, field: 'VmHWM' | 'VmRSS'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status);
  if (match === null) throw new Error(`/proc/${pid}/status: expected ${field}, received none`);
  return Number(match[1]) * 1024;
}

function parametersOf(sizeBytes: number, value: number): Uint8Array<ArrayBuffer> {
  const side = Math.floor(Math.sqrt(sizeBytes / 4));
  const data = new Float32Array(side * side).fill(value);
  return encodeSafetensors(new Map([['W', { shape: [side, side], data }]]));
}

/**
 * Leads a run through rounds in the coordinator's process. Of every round the last ten answers reach it as a message each,
 * the others as if earlier invocations had taken them in: they leave nothing in a process but the state.
 */
export async function measureCoordinator(options: MemoryOptions): Promise<MeasuredMemory> {
  const { directory, config, parameterBytes, rounds } = options;
  const local = await openLocalStore({ directory: join(directory, 'cloud') });
  const { store } = local.connection;
  const lambda = new LambdaProcess({
    entry: await bundleCoordinator(directory),
    functionName: 'coordinator',
    timeoutMs: INVOCATION_MS,
    environment: {
      ...process.env,
      ...toEnvironment(local.deployment),
      // Of runs in blocks, which this one is not.
      [FOLDS_VARIABLE]: local.deployment.resultsQueueUrl,
    },
    logFile: join(directory, 'coordinator.log'),
  });
  const run = newRunId(config.name);
  const keys = runKeys(run);
  const readState = async (): Promise<RunState> => (await loadState(store, run)).state;
  const invoke = async (events: readonly SolveResult[]) => {
    const Records = events.map((event, i) => ({
      ...{ messageId: String(i), receiptHandle: String(i), body: JSON.stringify(event) },
      attributes: { MessageGroupId: run, ApproximateReceiveCount: '1' },
    }));
    const answer = (await lambda.invoke({ Records })) as { batchItemFailures: unknown[] };
    if (answer.batchItemFailures.length > 0) throw new Error(`records failed: ${JSON.stringify(answer)}`);
  };
  try {
    const commitId = newCommitId();
    const z0 = parametersOf(parameterBytes, 0.5);
    await store.create(keys.consensus(0, commitId), z0);
    const initial: StoredVersion = { version: 0, commitId, digest: sha256Hex(z0), broadcastDigest: null };
    const shardSamples = Array.from({ length: config.shards }, () => 100);
    await store.create(keys.config, JSON.stringify(config));
    const begun = initialState({ run, config, initial, shardSamples, nowMs: Date.now() });
    await createJson(store, keys.state, begun);
    await invoke([]);
    const idleBytes = await memoryOf(lambda.pid, 'VmRSS');
    for (let version = 0; version < rounds; version += 1) {
      const bytes = parametersOf(parameterBytes, 1 / (version + 2));
      const digest = checksumHex(bytes);
      const events: SolveResult[] = [];
      for (let shard = 0; shard < config.shards; shard += 1) {
        await store.create(keys.contribution(shard, version, digest), bytes);
        events.push(solvedBy({ run, version, shard, attempt: 0 }, { digest, sizeBytes: bytes.length }));
      }
      const early = events.slice(0, -BATCH_RECORDS);
      if (early.length > 0) await takeInEarly(early);
      await invoke(events.slice(-BATCH_RECORDS));
    }
    return { idleBytes, peakBytes: await memoryOf(lambda.pid, 'VmHWM'), state: await readState() };
  } finally {
    await lambda.close();
    await local.close();
  }

  async function takeInEarly(events: readonly SolveResult[]): Promise<void> {
    const { state, etag } = await loadState(store, run);
    const clock = { nowMs: Date.now(), revision: state.revision + 1 };
    const next = { ...advance(config, state, events, clock).state, commitId: newCommitId() };
    await store.replace(keys.state, encodeJson(next), etag);
  }
}
