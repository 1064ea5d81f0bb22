import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import {
  commitIdSchema,
  digestSchema,
  newCommitId,
  newNonce,
  newRunId,
  nonceSchema,
  runIdSchema,
} from '../../lib/protocol/ids.ts';
import { datasetKeys, RUNS_PREFIX, runKeys } from '../../lib/protocol/keys.ts';

const MAX_VERSION = 1_000_000;
const runName = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,39}$/);
const digest = fc.string().map((text) => sha256Hex(text));
const version = fc.integer({ min: 0, max: MAX_VERSION });
const shard = fc.nat(10_000);

/** Every key that a run can have for these numbers. */
function keysOf(run: string, at: { version: number; shard: number; digest: string; id: string }): string[] {
  const keys = runKeys(run);
  return [
    ...[keys.config, keys.dataset, keys.state, keys.announced],
    keys.consensus(at.version, at.id),
    keys.broadcast(at.version, at.id),
    keys.contribution(at.shard, at.version, at.digest),
    keys.lease('solve', at.version, at.shard, 0),
    keys.lease('evaluate', at.version, at.shard, 0),
    keys.lease('solve', at.version, at.shard, 1),
    keys.refused(at.shard, at.version, at.digest),
    keys.round(at.version),
    keys.evaluation(at.version, 'validation'),
    keys.evaluation(at.version, 'test'),
  ];
}

const isInside = (key: string, prefix: string): boolean =>
  key.startsWith(prefix) && key.split('/').every((part) => /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(part));

describe('keys', () => {
  test('of a run never leave its prefix and are all different', () => {
    fc.assert(
      fc.property(runName, version, shard, digest, (name, version, shard, digest) => {
        const run = newRunId(name);
        const keys = keysOf(run, { version, shard, digest, id: newCommitId() });
        expect(runKeys(run).prefix).toBe(`${RUNS_PREFIX}${run}/`);
        expect(keys.filter((key) => !isInside(key, runKeys(run).prefix))).toEqual([]);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  test('of different versions or shards are different', () => {
    const place = fc.tuple(version, shard);
    fc.assert(
      fc.property(place, place, (a, b) => {
        fc.pre(a[0] !== b[0] || a[1] !== b[1]);
        const keys = runKeys('r-01ARZ3NDEKTSV4RRFFQ69G5FAV');
        const fixed = sha256Hex('');
        expect(keys.contribution(a[1], a[0], fixed)).not.toBe(keys.contribution(b[1], b[0], fixed));
        expect(keys.lease('solve', a[0], a[1], 0)).not.toBe(keys.lease('solve', b[0], b[1], 0));
      }),
    );
  });

  test('sort by version, up to the largest that a config allows', () => {
    const keys = runKeys('r-01ARZ3NDEKTSV4RRFFQ69G5FAV');
    const id = newCommitId();
    const largest = runConfigSchema.shape.stop.unwrap().shape.maxRounds;
    expect(largest.safeParse(MAX_VERSION + 1).success).toBe(false);
    fc.assert(
      fc.property(version, version, (a, b) => {
        fc.pre(a < b);
        expect(keys.consensus(a, id) < keys.consensus(b, id)).toBe(true);
        expect(keys.round(a) < keys.round(b)).toBe(true);
      }),
    );
  });

  test('of a dataset never leave its prefix and tell splits and parts apart', () => {
    fc.assert(
      fc.property(digest, fc.nat(99_999), fc.nat(99_999), (digest, a, b) => {
        fc.pre(a !== b);
        const keys = datasetKeys(digest);
        const all = [keys.manifest, keys.part('train', a), keys.part('train', b), keys.part('test', a)];
        expect(all.filter((key) => !isInside(key, `datasets/${digest}/`))).toEqual([]);
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });
});

describe('ids', () => {
  test('are accepted by their own schemas, and never drawn twice', () => {
    fc.assert(
      fc.property(runName, (name) => {
        const run = newRunId(name);
        expect(runIdSchema.safeParse(run).success).toBe(true);
        expect(run.startsWith(`${name}-`)).toBe(true);
        expect(newRunId(name)).not.toBe(run);
      }),
    );
    expect(commitIdSchema.safeParse(newCommitId()).success).toBe(true);
    expect(nonceSchema.safeParse(newNonce()).success).toBe(true);
    expect(digestSchema.safeParse(sha256Hex('abc')).success).toBe(true);
  });

  test.for([
    '',
    'mnist',
    '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    'a/b-01ARZ3NDEKTSV4RRFFQ69G5FAV',
    '../a-01ARZ3NDEKTSV4RRFFQ69G5FAV',
    'A-01ARZ3NDEKTSV4RRFFQ69G5FAV',
    'a-01ARZ3NDEKTSV4RRFFQ69G5FAV/',
    'a-01arz3ndektsv4rrffq69g5fav',
    'a-01ARZ3NDEKTSV4RRFFQ69G5FAV\n',
    `${'a'.repeat(41)}-01ARZ3NDEKTSV4RRFFQ69G5FAV`,
  ])('%j is no run id', (text) => {
    expect(runIdSchema.safeParse(text).success).toBe(false);
  });

  test('a digest is lower-case hexadecimal of one length', () => {
    const digest = sha256Hex('abc');
    expect(digest).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    for (const wrong of [digest.toUpperCase(), digest.slice(1), `${digest}0`, '']) {
      expect(digestSchema.safeParse(wrong).success).toBe(false);
    }
  });
});
