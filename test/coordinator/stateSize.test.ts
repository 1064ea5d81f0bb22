/** The state of a run with 1,000 shards stays small, at whatever moment of a round. */
import { expect, test } from 'vitest';
import { encodeJson } from '../../lib/cloud/json.ts';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { advance } from '../../lib/coordinator/advance.ts';
import type { SolveResult } from '../../lib/protocol/messages.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { nextState } from '../support/pureRun.ts';
import { solved, testConfig, testState } from '../support/runs.ts';

const SHARDS = 1000;
/** Answers that one commit takes in. */
const BATCH = 50;
const MOST_BYTES = 250_000;

/** A number in [0, 1) with all its digits, as measured figures have them. */
const figure = (of: string): number => Number.parseInt(sha256Hex(of).slice(0, 13), 16) / 2 ** 52;

function answerOf(run: string, version: number, shard: number): SolveResult {
  const name = `${version}/${shard}`;
  const of = (what: string) => figure(`${name}/${what}`);
  const result = solved(run, version, shard, sha256Hex(name));
  return {
    ...result,
    worker: { id: `worker-${shard % 8}`, fingerprint: 'tensorflow/2.18.1/avx512/1' },
    finishedAtMs: result.startedAtMs + Math.round(1000 * of('time')),
    seconds: { fetch: of('fetch'), solve: of('solve'), upload: of('upload') },
    figures: {
      ...{ loss: of('loss'), accuracy: of('accuracy'), batchSamples: 250 },
      ...{ stepSquaredNorm: of('step'), dualSquaredNorm: of('dual') },
      subproblem: {
        ...{ stepLength: 0.5, lossAfter: of('after'), augmentedLagrangian: of('lagrangian') },
        ...{ affineResidual: of('s'), activationResidual: of('h'), outputResidual: of('o') },
      },
    },
  };
}

test('1,000 shards take less than 250 kB of the store at every commit of a round', () => {
  const config = testConfig({ shards: SHARDS, stop: { maxRounds: 9 } });
  let state: RunState = testState(config);
  let [largest, plain] = [0, 0];
  for (let version = 0; version < 2; version++) {
    for (let shard = 0; shard < SHARDS; shard += BATCH) {
      const answers = Array.from({ length: BATCH }, (_, i) => answerOf(state.run, version, shard + i));
      state = nextState(advance, config, state, answers, 1000);
      largest = Math.max(largest, encodeJson(state).length);
      plain = Math.max(plain, JSON.stringify(state).length);
    }
  }
  expect(state.version).toBe(2);
  console.log(`state of ${SHARDS} shards: at most ${largest} bytes stored, ${plain} of JSON`);
  expect(largest).toBeLessThan(MOST_BYTES);
}, 60_000);
