/** Answers of workers that there are none of, where the coordinator alone is measured. */
import { newNonce } from '../../lib/protocol/ids.ts';
import { type EvaluateResult, PROTOCOL_VERSION, type SolveResult } from '../../lib/protocol/messages.ts';

/** What an answer is to. */
interface Asked {
  readonly run: string;
  readonly version: number;
  readonly shard: number;
  readonly attempt: number;
}

const answered = ({ run, version, shard, attempt }: Asked) => {
  const nowMs = Date.now();
  return {
    ...{
      schema: PROTOCOL_VERSION as typeof PROTOCOL_VERSION,
      run,
      version,
      shard,
      attempt,
      nonce: newNonce(),
    },
    worker: { id: 'bench', fingerprint: 'none' },
    ...{ startedAtMs: nowMs, finishedAtMs: nowMs, seconds: { fetch: 0, solve: 0, upload: 0 } },
    transferred: { readBytes: 0, writtenBytes: 0 },
  };
};

/** A subproblem answered by the contribution of this digest and size. */
export const solvedBy = (asked: Asked, contribution: { digest: string; sizeBytes: number }): SolveResult => ({
  ...answered(asked),
  ...{ kind: 'solve', ...contribution },
  figures: { loss: 1, accuracy: 0.5, stepSquaredNorm: 1, dualSquaredNorm: 0, batchSamples: 1 },
});

/** An evaluation, of either kind, by invented metrics. */
export const evaluatedAs = (asked: Asked, kind: 'evaluate' | 'test'): EvaluateResult => ({
  ...answered(asked),
  ...{ kind, metrics: { loss: 1, accuracy: 0.5, samples: 1 } },
});
