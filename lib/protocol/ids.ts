import { ulid } from 'ulid';
import * as z from 'zod';

/** A run id is the config's name, a hyphen and a ULID: unique for ever, sorted by time within a name. */
export const runIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}-[0-9A-HJKMNP-TV-Z]{26}$/, 'expected NAME-ULID, as `padmm list` shows it');

/** 64 lower-case hexadecimal digits. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 digest in hexadecimal');

/** 32 lower-case hexadecimal digits; see `lib/codec/checksum.ts`. */
export const checksumSchema = z.string().regex(/^[0-9a-f]{32}$/, 'expected a checksum in hexadecimal');

/**
 * What the bytes of a contribution are known by: the checksum of one object, the digest of a manifest that names its blocks. Older
 * workers formed the digest of one object as well.
 */
export const contributionDigestSchema = z.union([checksumSchema, digestSchema]);

/** Name of one commit: the writer recognises its own commit by it after an answer was lost. */
export const commitIdSchema = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'expected a ULID');

/** Drawn once for each message sent: a message delivered twice is known by it, a second answer is not mistaken for it. */
export const nonceSchema = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'expected a ULID');

export const newNonce = (): string => ulid();
export const newRunId = (name: string): string => `${name}-${ulid()}`;
export const newCommitId = (): string => ulid();
