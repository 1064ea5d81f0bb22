/** How quantities are written, on the page and in its charts alike. */

/** What a number counts or measures. */
export type Quantity = 'number' | 'percent' | 'bytes' | 'seconds';

/** A unit to write numbers in: `format` is applied to the number divided by `divisor`. */
export interface NumberStyle {
  readonly divisor: number;
  readonly format: Intl.NumberFormatOptions;
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Decimal units, as the SI has them. */
function byteStyle(largest: number): NumberStyle {
  const power = Math.floor(Math.log10(Math.max(largest, 1)) / 3);
  const index = Math.min(power, BYTE_UNITS.length - 1);
  const unit = BYTE_UNITS[index] as string;
  return { divisor: 1000 ** index, format: { style: 'unit', unit, maximumSignificantDigits: 4 } };
}

/** The style for values up to `largest`, so that all values of one chart share a unit. */
export function numberStyle(quantity: Quantity, largest: number): NumberStyle {
  if (quantity === 'bytes') return byteStyle(largest);
  if (quantity === 'percent') {
    return { divisor: 1, format: { style: 'percent', maximumFractionDigits: 2 } };
  }
  const format: Intl.NumberFormatOptions = { maximumSignificantDigits: 4 };
  return {
    divisor: 1,
    format:
      quantity === 'seconds' ? { ...format, style: 'unit', unit: 'second', unitDisplay: 'narrow' } : format,
  };
}

/** A quantity for reading: `96.1%`, `1.234 MB`, `0.0123`; a dash where there is none. */
export function formatQuantity(quantity: Quantity, value: number | null): string {
  if (value === null) return '–';
  const { divisor, format } = numberStyle(quantity, Math.abs(value));
  return new Intl.NumberFormat('en', format).format(value / divisor);
}

/** A whole number, in full. */
export const formatCount = (value: number): string => new Intl.NumberFormat('en').format(value);
