import { S3ServiceException } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { CloudError } from '../../lib/cloud/cloudError.ts';
import { S3ObjectStore } from '../../lib/cloud/s3ObjectStore.ts';
import { answeringS3 } from './answering.ts';

const serviceError = (name: string, httpStatusCode: number, message = name): S3ServiceException =>
  new S3ServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode } });

const role = 'arn:aws:sts::111122223333:assumed-role/coordinator/session';
/** What S3 says of an action that no policy allows. */
const denied = (action: string): S3ServiceException =>
  serviceError(
    'AccessDenied',
    403,
    `User: ${role} is not authorized to perform: ${action} on resource: "arn:aws:s3:::bucket" because no identity-based policy allows the ${action} action`,
  );

describe('S3 answers that emulators do not give', () => {
  test('a conflict is no verdict: creation is tried again', async () => {
    let calls = 0;
    const s3 = answeringS3((_input, call) => {
      calls = call + 1;
      if (call < 2) throw serviceError('ConditionalRequestConflict', 409);
      return {};
    });
    expect(await new S3ObjectStore(s3, 'bucket').create('key', 'body')).toBe('created');
    expect(calls).toBe(3);
  });

  test('after a conflict the key may be taken', async () => {
    const s3 = answeringS3((_input, call) => {
      throw call === 0
        ? serviceError('ConditionalRequestConflict', 409)
        : serviceError('PreconditionFailed', 412);
    });
    expect(await new S3ObjectStore(s3, 'bucket').create('key', 'body')).toBe('exists');
  });

  test('a conflicting replacement is a lost race', async () => {
    const s3 = answeringS3(() => {
      throw serviceError('ConditionalRequestConflict', 409);
    });
    expect(await new S3ObjectStore(s3, 'bucket').replace('key', 'body', '"tag"')).toEqual({
      replaced: false,
    });
  });

  test.each([denied('s3:ListBucket'), serviceError('AccessDenied', 403, 'Access Denied')])(
    'a 403 where the caller may not list is a missing key: %s',
    async (error) => {
      const store = new S3ObjectStore(
        answeringS3(() => {
          throw error;
        }),
        'bucket',
      );
      expect(await store.get('key')).toBeNull();
      expect(await store.getIfChanged('key', '"tag"')).toBeNull();
      // Nothing that was to be written is taken for missing.
      await expect(store.create('key', 'body')).rejects.toBe(error);
      await expect(store.replace('key', 'body', '"tag"')).rejects.toBe(error);
    },
  );

  test.each([
    denied('s3:GetObject'),
    denied('kms:Decrypt'),
    serviceError('NoSuchBucket', 404),
    serviceError('InternalError', 500),
  ])('%s is the caller’s to know', async (error) => {
    const store = new S3ObjectStore(
      answeringS3(() => {
        throw error;
      }),
      'bucket',
    );
    await expect(store.get('key')).rejects.toBe(error);
    await expect(store.getIfChanged('key', '"tag"')).rejects.toBe(error);
    await expect(store.create('key', 'body')).rejects.toBe(error);
    await expect(store.replace('key', 'body', '"tag"')).rejects.toBe(error);
  });

  test('a key that was not deleted is named', async () => {
    const s3 = answeringS3(() => ({ Errors: [{ Key: 'runs/a', Code: 'AccessDenied', Message: 'no' }] }));
    const deleting = new S3ObjectStore(s3, 'bucket').delete(['runs/a', 'runs/b']);
    await expect(deleting).rejects.toThrow(CloudError);
    await expect(deleting).rejects.toThrow('1 of 2 keys not deleted, first runs/a: AccessDenied no');
  });

  test('deletes go out a thousand at a time, none for no keys', async () => {
    const sizes: number[] = [];
    const s3 = answeringS3((input) => {
      sizes.push((input as { Delete: { Objects: object[] } }).Delete.Objects.length);
      return {};
    });
    const store = new S3ObjectStore(s3, 'bucket');
    await store.delete([]);
    await store.delete(Array.from({ length: 2_001 }, (_, i) => `key ${i}`));
    expect(sizes).toEqual([1_000, 1_000, 1]);
  });
});
