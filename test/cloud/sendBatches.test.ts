import { SQSServiceException } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CloudError } from '../../lib/cloud/cloudError.ts';
import { batchesOf, MAX_BATCH_BYTES, sendBatches } from '../../lib/cloud/sendBatches.ts';
import { answeringSqs } from './answering.ts';

interface BatchInput {
  readonly Entries: readonly { readonly Id: string; readonly MessageBody: string }[];
}

describe('batches', () => {
  test('hold every body once, in order, within what SQS takes', () => {
    const body = fc
      .tuple(fc.constantFrom('a', 'θ'), fc.integer({ min: 1, max: 300_000 }))
      .map(([character, length]) => character.repeat(length));
    fc.assert(
      fc.property(fc.array(body, { maxLength: 40 }), (bodies) => {
        const batches = batchesOf(bodies);
        expect(batches.flat()).toEqual(bodies);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(10);
          expect(Buffer.byteLength(batch.join(''))).toBeLessThanOrEqual(MAX_BATCH_BYTES);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('a body of exactly the limit is taken, one byte more is refused by its place', () => {
    expect(batchesOf(['x'.repeat(MAX_BATCH_BYTES), 'y'])).toHaveLength(2);
    expect(() => batchesOf(['fine', 'x'.repeat(MAX_BATCH_BYTES + 1)])).toThrow(
      'message 1: expected at most 1048576 bytes, received 1048577',
    );
  });
});

describe('partial refusals', () => {
  test('only the refused messages are sent again', async () => {
    const sent: string[][] = [];
    const sqs = answeringSqs((input, call) => {
      const { Entries } = input as BatchInput;
      sent.push(Entries.map(({ MessageBody }) => MessageBody));
      const refused = call === 0 ? Entries.slice(1) : [];
      return { Failed: refused.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })) };
    });
    await sendBatches(sqs, 'url', ['a', 'b', 'c']);
    expect(sent).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
  });

  test('what stays refused is an error that names queue and code', async () => {
    const sqs = answeringSqs(() => ({
      Failed: [{ Id: '0', Code: 'InternalError', Message: 'try later', SenderFault: false }],
    }));
    const sending = sendBatches(sqs, 'https://queue', ['a']);
    await expect(sending).rejects.toThrow(CloudError);
    await expect(sending).rejects.toThrow(
      'https://queue: 1 messages were not taken, the first: InternalError try later',
    );
  });

  test('what is the sender’s fault is not repeated', async () => {
    let calls = 0;
    const sqs = answeringSqs(() => {
      calls += 1;
      return { Failed: [{ Id: '0', Code: 'InvalidMessageContents', SenderFault: true }] };
    });
    await expect(sendBatches(sqs, 'url', ['\u0000'])).rejects.toThrow('InvalidMessageContents');
    expect(calls).toBe(1);
  });

  test('a request that fails as a whole is left to the SDK', async () => {
    let calls = 0;
    const failure = new SQSServiceException({
      name: 'QueueDoesNotExist',
      message: 'gone',
      $fault: 'client',
      $metadata: {},
    });
    const sqs = answeringSqs(() => {
      calls += 1;
      throw failure;
    });
    await expect(sendBatches(sqs, 'url', ['a'])).rejects.toBe(failure);
    expect(calls).toBe(1);
  });
});
