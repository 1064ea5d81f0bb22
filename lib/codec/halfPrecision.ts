/**
 * float32 numbers in two bytes each: rounded to the nearest, to the even one of two that are as near.
 *
 * bfloat16 has the exponent of float32 and 8 bits of precision; float16 (IEEE 754 binary16) has 11 bits, no number above
 * 65,504, and loses precision below 6e-5.
 */

/** As safetensors names them. */
export type HalfDtype = 'BF16' | 'F16';

const bitsOf = ({ buffer, byteOffset, length }: Float32Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length);

function toBfloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = bitsOf(values);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const whole = bits[i] as number;
    const isNoNumber = (whole & 0x7fff_ffff) > 0x7f80_0000;
    // Half of the last place that stays, or a little less where that is even; the carry may run into the exponent.
    const rounded = whole + 0x7fff + ((whole >>> 16) & 1);
    halves[i] = isNoNumber ? (whole >>> 16) | 0x40 : rounded >>> 16;
  }
  return halves;
}

function fromBfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  const bits = bitsOf(values);
  for (let i = 0; i < bits.length; i++) bits[i] = (halves[i] as number) << 16;
  return values;
}

/** The bits of the rounded numbers. */
export function toHalf(values: Float32Array, dtype: HalfDtype): Uint16Array<ArrayBuffer> {
  return dtype === 'BF16' ? toBfloat16(values) : new Uint16Array(Float16Array.from(values).buffer);
}

/** The numbers in float32, which holds each of them exactly. */
export function fromHalf(halves: Uint16Array<ArrayBuffer>, dtype: HalfDtype): Float32Array<ArrayBuffer> {
  if (dtype === 'BF16') return fromBfloat16(halves);
  return Float32Array.from(new Float16Array(halves.buffer, halves.byteOffset, halves.length));
}
