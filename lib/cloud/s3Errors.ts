/**
 * What an S3 error means to this project.
 *
 * Source: Amazon S3 API Reference, "Error responses"; User Guide, "How to prevent object overwrites with conditional
 * writes".
 */
import { S3ServiceException } from '@aws-sdk/client-s3';

const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === status;

/** 404: there is no such object. A missing bucket is not meant: that is a deployment gone wrong. */
export const isNoSuchKey = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.name === 'NoSuchKey';

const LISTING = 's3:ListBucket';
const deniedAction = (message: string): string | undefined => /perform: (\w+:\w+)/.exec(message)?.[1];

/**
 * What was to be read is not there.
 *
 * Without `s3:ListBucket` S3 answers 403 where a key is missing, so that nobody learns which keys there are. Workers do
 * not have it; coordinator and watchdog have it for listings of a prefix alone, which a read is not. The message names
 * that action then; one that names another (`s3:GetObject`, `kms:Decrypt`) is a refusal. Where it names none the key
 * counts as missing: that these roles may read every key they ask for, a test of the stack's policies holds.
 *
 * Source: Amazon S3 API Reference, GetObject, "Permissions"; IAM User Guide, "Troubleshoot access denied error messages".
 */
export function isMissingKey(error: unknown): boolean {
  if (isNoSuchKey(error)) return true;
  if (!(error instanceof S3ServiceException) || error.name !== 'AccessDenied') return false;
  return (deniedAction(error.message) ?? LISTING) === LISTING;
}

/** 304: the object still has the entity tag of If-None-Match. */
export const isNotModified = (error: unknown): boolean => hasStatus(error, 304);

/** 412: the condition of a write did not hold. */
export const isPreconditionFailed = (error: unknown): boolean => hasStatus(error, 412);

/** 409: another write to the same key was under way, and neither condition could be decided. */
export const isWriteConflict = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.name === 'ConditionalRequestConflict';
