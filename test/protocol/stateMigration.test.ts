import { describe, expect, test } from 'vitest';
import { advance } from '../../lib/coordinator/advance.ts';
import { runStateSchema, STATE_SCHEMA } from '../../lib/protocol/state.ts';
import { parseStored } from '../../lib/protocol/validate.ts';
import { nextState } from '../support/pureRun.ts';
import { control, solved, testConfig, testState } from '../support/runs.ts';

const config = testConfig();
const penalty = { input: 0.1, recurrent: 0.1, readout: 0.01 };

/** A paused state as the first schema had it: two shards have answered, the third is out for the second time. */
function firstSchema() {
  const now = testState(config);
  const { run, commitId } = now;
  const entry = now.versions[0];
  const { schema: _s, kind: _k, run: _r, nonce: _n, ...answer } = solved(run, 0, 0);
  const arrival = { ...answer, samples: 100, staleness: 0 };
  const task = { version: 0, attempt: 1, dispatchedAtMs: 1000, dispatchedRevision: 1 };
  const stored = { version: 0, commitId: entry?.commitId, digest: entry?.digest, broadcastDigest: null };
  return {
    ...{ schema: 1, run, revision: 3, commitId, createdAtMs: 1000, updatedAtMs: 5000 },
    ...{ status: 'paused', reason: 'paused on request', takenIn: [], version: 0 },
    versions: { 0: { ...stored, penalty } },
    penalty,
    shards: [
      { samples: 100, contribution: null, task: null, arrival },
      { samples: 101, contribution: null, task: null, arrival: { ...arrival, shard: 1, samples: 101 } },
      { samples: 102, contribution: null, task, arrival: null },
    ],
    evaluations: {
      outstanding: [{ ...task, kind: 'evaluate' }],
      latest: null,
      best: null,
      targetReached: null,
    },
    ...{ model: null, residuals: null, latest: null },
    counters: {
      ...{ samplesSeen: 20, duplicates: 0, late: 0, refused: 1 },
      ...{ workerReadBytes: 0, workerWrittenBytes: 0, workerSeconds: 1 },
    },
    ...{ fingerprints: [], workers: [], unsavedHistory: [] },
  };
}

describe('a state of the first schema', () => {
  test('is read as one of today, and its run goes on', () => {
    const state = runStateSchema.parse(firstSchema());
    expect(state).toMatchObject({
      schema: STATE_SCHEMA,
      pausedAtMs: 5000,
      shards: [{ answered: { version: 0 } }, { absence: null }, { task: { failures: 1, remedy: 'none' } }],
    });
    const resumed = nextState(advance, config, state, [control(state.run, 'resume')], 9000);
    expect(resumed).toMatchObject({ status: 'running', pausedMs: 4000 });
    const answer = { ...solved(state.run, 0, 2), attempt: 1 };
    expect(nextState(advance, config, resumed, [answer], 9000).version).toBe(1);
  });
});

test('a state of the second schema forms nothing in blocks, and its model has no digest but that of its object', () => {
  const { fold: _, ...now } = testState(config);
  const validation = { loss: 1, accuracy: 0.5, samples: 10 };
  const second = { ...now, schema: 2, status: 'finishing', model: { version: 0, validation, test: null } };
  expect(runStateSchema.parse(second)).toMatchObject({
    ...{ schema: STATE_SCHEMA, fold: null },
    model: { version: 0, validation, test: null, digest: null },
  });
});

test('a state of the fourth schema knew contributions by a digest, and by a checksum besides', () => {
  const now = testState(config);
  const taken = { version: 0, digest: 'a'.repeat(64), anchor: 1, penaltyFactor: 1 };
  const shards = now.shards.map((shard) => ({
    ...shard,
    contribution: { ...taken, checksum: 'b'.repeat(32) },
  }));
  const [first] = runStateSchema.parse({ ...now, schema: 4, shards }).shards;
  expect(first?.contribution).toEqual(taken);
});

describe('a state that no migration leads from', () => {
  test.each([0, STATE_SCHEMA + 1])('such as of schema %i, is refused with the reason', (schema) => {
    expect(() => parseStored(runStateSchema, { ...firstSchema(), schema }, 'state.json')).toThrow(
      `state.json: schema: expected ${STATE_SCHEMA}, received ${schema}`,
    );
  });
});
