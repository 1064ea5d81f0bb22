/**
 * What an S3 error means to this project.
 *
 * Source: Amazon S3 API Reference, "Error responses"; User Guide, "How to prevent object overwrites with conditional
 * writes".
 */
import { S3ServiceException } from '@aws-sdk/client-s3';

const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === status;

/**
 * There is no such object. A missing bucket is not meant: that is a deployment gone wrong.
 * Without `s3:ListBucket` S3 says 403 for a missing key; this is the one place to tell that apart.
 */
export const isMissingKey = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.name === 'NoSuchKey';

/** 304: the object still has the entity tag of If-None-Match. */
export const isNotModified = (error: unknown): boolean => hasStatus(error, 304);

/** 412: the condition of a write did not hold. */
export const isPreconditionFailed = (error: unknown): boolean => hasStatus(error, 412);

/** 409: another write to the same key was under way, and neither condition could be decided. */
export const isWriteConflict = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.name === 'ConditionalRequestConflict';
