import { expect, test } from 'vitest';
import { failedIdsOf } from '../../lib/emulator/batchResponse.ts';

const ids = ['one', 'two', 'three'];

test.each([
  ['nothing', undefined],
  ['null', null],
  ['an empty object', {}],
  ['an empty list', { batchItemFailures: [] }],
  ['a null list', { batchItemFailures: null }],
  ['fields of its own', { handled: 3 }],
])('%s is a success of all', (_name, answer) => {
  expect([...failedIdsOf(answer, ids)]).toEqual([]);
});

test('the ids named have failed', () => {
  const answer = { batchItemFailures: [{ itemIdentifier: 'two' }, { itemIdentifier: 'three' }] };
  expect([...failedIdsOf(answer, ids)]).toEqual(['two', 'three']);
});

test.each([
  ['a string', 'done'],
  ['a list', { batchItemFailures: 'two' }],
  ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
  ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }],
  ['a wrong key', { batchItemFailures: [{ id: 'two' }] }],
  [
    'a message of another batch',
    { batchItemFailures: [{ itemIdentifier: 'two' }, { itemIdentifier: 'four' }] },
  ],
])('%s is a failure of all', (_name, answer) => {
  expect([...failedIdsOf(answer, ids)]).toEqual(ids);
});
