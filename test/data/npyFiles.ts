/** Bytes of an .npy file of version 1, its header as NumPy writes it. */
export function npyBytes(
  descr: string,
  shape: readonly number[],
  data: ArrayBufferView,
  fortran = 'False',
): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  return npyWithHeader(`{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${tuple}, }`, data);
}

export function npyWithHeader(header: string, data: ArrayBufferView): Uint8Array {
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0]);
  prefix.writeUInt16LE(padded.length, 8);
  const bytes = Buffer.concat([
    prefix,
    Buffer.from(padded),
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  ]);
  return Uint8Array.from(bytes);
}
