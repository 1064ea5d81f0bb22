import { createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checksumHex } from '../../lib/codec/checksum.ts';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { DamagedObjectError, readVerified } from '../../lib/codec/verified.ts';

describe('the checksum', () => {
  test('is what AES-GCM takes for the tag of these bytes', () => {
    const bytes = Buffer.from('any bytes');
    const decipher = createDecipheriv('aes-128-gcm', Buffer.from('padmm contentsum'), Buffer.alloc(12));
    decipher.setAAD(bytes).setAuthTag(Buffer.from(checksumHex(bytes), 'hex'));
    expect(decipher.final()).toHaveLength(0);
  });

  test('tells every change of a bit, and of the length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (bytes, at) => {
        const changed = bytes.slice();
        const place = at % (8 * bytes.length);
        changed[place >> 3] = (changed[place >> 3] as number) ^ (1 << (place & 7));
        const checksum = checksumHex(bytes);
        expect(checksum).toMatch(/^[0-9a-f]{32}$/);
        expect(checksumHex(changed)).not.toBe(checksum);
        expect(checksumHex(Uint8Array.of(...bytes, 0))).not.toBe(checksum);
      }),
    );
  });
});

describe('an object that is read by digest and checksum', () => {
  const body = Uint8Array.from([1, 2, 3]);
  const other = Uint8Array.from([1, 2, 4]);
  const digest = sha256Hex(body);
  const read = (stored: Uint8Array, checksum: string) =>
    readVerified({ get: async () => ({ body: stored }) }, 'key', digest, checksum);

  test('is taken where its checksum is the one', async () => {
    expect(await read(body, checksumHex(body))).toBe(body);
  });

  test('is taken where only its digest is, and refused where neither is', async () => {
    expect(await read(body, checksumHex(other))).toBe(body);
    await expect(read(other, checksumHex(body))).rejects.toThrow(DamagedObjectError);
  });
});
