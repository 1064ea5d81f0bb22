/** What becomes of the messages of the folds queue. */
import { expect, test } from 'vitest';
import { advance } from '../../lib/coordinator/advance.ts';
import type { QueueRecord } from '../../lib/coordinator/batch.ts';
import { takeFolds } from '../../lib/coordinator/foldBatch.ts';
import { Folder } from '../../lib/coordinator/folder.ts';
import { blockGroup, foldJobsOf } from '../../lib/coordinator/outbox.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import { type FoldJob, PROTOCOL_VERSION } from '../../lib/protocol/messages.ts';
import { MemoryObjectStore } from '../support/memoryCloud.ts';
import { nextState } from '../support/pureRun.ts';
import { solved, testConfig, testState } from '../support/runs.ts';

const config = testConfig({ shards: 1, consensus: { blocks: 2 } });
const begun = testState(config);
const state = nextState(advance, config, begun, [solved(begun.run, 0, 0)], 5000);
const keys = runKeys(state.run);

const recordOf = (body: string, messageId: string): QueueRecord => ({
  ...{ messageId, receiptHandle: messageId, body },
  attributes: { MessageGroupId: 'any', ApproximateReceiveCount: '1' },
});

/** A folder of the run, whose plan is not in the store, and what it said and sent. */
async function setUp() {
  const store = new MemoryObjectStore();
  await store.create(keys.config, JSON.stringify(config));
  await store.create(keys.state, JSON.stringify(state));
  const sent: string[] = [];
  const logged: [string, Record<string, unknown>][] = [];
  const results = {
    send: async (_run: string, body: string) => void sent.push(body),
    deliverAgain: async () => {},
  };
  const log = (message: string, details: Record<string, unknown>) => void logged.push([message, details]);
  return { store, sent, logged, folder: new Folder(store, results), logger: { warn: log, error: log } };
}

const [job] = foldJobsOf(state) as [FoldJob];

test('a job that cannot be done is reported as failed by itself, with the reason in the log', async () => {
  const { folder, logger, logged, sent } = await setUp();
  const unwanted = { ...job, commitId: begun.commitId };
  const records = [recordOf(JSON.stringify(unwanted), 'a'), recordOf(JSON.stringify(job), 'b')];
  expect(await takeFolds(folder, records, logger)).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }] });
  expect(logged).toEqual([
    ['fold failed', { run: state.run, version: 1, block: 0, error: expect.stringContaining('no object') }],
  ]);
  expect(sent).toEqual([]);
});

test.each([
  ['no JSON', '{'],
  ['a job of another schema', JSON.stringify({ ...job, schema: PROTOCOL_VERSION + 1 })],
  ['a job for a block that there cannot be', JSON.stringify({ ...job, block: 64 })],
  ['a result', JSON.stringify(solved(state.run, 0, 0))],
])('%s is refused once, in the log, and not delivered again', async (_, body) => {
  const { folder, logger, logged } = await setUp();
  expect(await takeFolds(folder, [recordOf(body, 'a')], logger)).toEqual({ batchItemFailures: [] });
  expect(logged.map(([message, { messageId }]) => [message, messageId])).toEqual([['message refused', 'a']]);
});

test('the blocks of a run are in groups of their own, within what SQS takes as a name', () => {
  const groups = foldJobsOf(state).map(blockGroup);
  expect(groups).toEqual([`${state.run}/block-0`, `${state.run}/block-1`]);
  // Amazon SQS: at most 128 letters, digits and punctuation.
  for (const group of groups) expect(group).toMatch(/^[\x21-\x7e]{1,128}$/);
});
