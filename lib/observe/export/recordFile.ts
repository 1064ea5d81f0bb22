/**
 * The framing of TensorFlow's record files: length, masked CRC-32C of the length, data, masked CRC-32C of the data, all
 * little-endian.
 *
 * Source: TensorFlow, `tensorflow/core/lib/io/record_writer.h`, and `crc32c::Mask` in `core/lib/hash/crc32c.h`.
 */
import { crc32c } from '@aws-crypto/crc32c';

const MASK_DELTA = 0xa282ead8;
const HEADER_BYTES = 12;
const FOOTER_BYTES = 4;

/** Rotated and shifted, so that the checksum of data that hold checksums is a good one, too. */
function maskedChecksum(data: Uint8Array): number {
  const checksum = crc32c(data) >>> 0;
  return (((checksum >>> 15) | (checksum << 17)) + MASK_DELTA) >>> 0;
}

function frame(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER_BYTES + data.length + FOOTER_BYTES);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(data, HEADER_BYTES);
  view.setUint32(HEADER_BYTES + data.length, maskedChecksum(data), true);
  return record;
}

/** A record file of these records. */
export const encodeRecords = (records: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(records.map(frame));
