// How the page writes numbers and times.
const whole = new Intl.NumberFormat('en');
const percentage = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 2 });
const money = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'USD',
  maximumSignificantDigits: 3,
});
const NOTHING = '–';

/** @param {number | null} value */
export const writeCount = (value) => (value === null ? NOTHING : whole.format(value));

/** A share. @param {number | null} value */
export const writePercent = (value) => (value === null ? NOTHING : percentage.format(value));

/** @param {number | null} value */
export const writeUsd = (value) => (value === null ? NOTHING : money.format(value));

/** `3 min 20 s`. @param {number | null} seconds */
export function writeDuration(seconds) {
  if (seconds === null) return NOTHING;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const [hours, minutes, rest] = [seconds / 3600, (seconds % 3600) / 60, seconds % 60].map(Math.floor);
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${rest} s` : `${rest} s`;
}

/** In the reader's time zone. @param {number} timeMs */
export const writeTime = (timeMs) => new Date(timeMs).toLocaleString('en-GB', { hour12: false });
