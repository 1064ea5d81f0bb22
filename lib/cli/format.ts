/** How figures are written for people on a terminal. */

const SECONDS_A_MINUTE = 60;
const SECONDS_AN_HOUR = 3600;
const SECONDS_A_DAY = 86_400;

/** What stands where there is no figure. */
export const NONE = '–';

/** `96.1 %` of a share from 0 to 1. */
export const percent = (share: number | null | undefined): string =>
  share == null ? NONE : `${(100 * share).toFixed(1)} %`;

/** `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`: the two largest units that tell something. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < SECONDS_A_MINUTE) return `${whole} s`;
  if (whole < SECONDS_AN_HOUR)
    return `${Math.floor(whole / SECONDS_A_MINUTE)} min ${whole % SECONDS_A_MINUTE} s`;
  const minutes = Math.floor((whole % SECONDS_AN_HOUR) / SECONDS_A_MINUTE);
  if (whole < SECONDS_A_DAY) return `${Math.floor(whole / SECONDS_AN_HOUR)} h ${minutes} min`;
  return `${Math.floor(whole / SECONDS_A_DAY)} d ${Math.floor((whole % SECONDS_A_DAY) / SECONDS_AN_HOUR)} h`;
}

/** Where numbers are written with an exponent: below and from here on. */
const PLAIN = { from: 1e-3, below: 1e4 } as const;

/** Three significant digits: `0.352`, `1.70e-8`. */
export function figure(value: number | null | undefined): string {
  if (value == null) return NONE;
  const size = Math.abs(value);
  const isPlain = value === 0 || (size >= PLAIN.from && size < PLAIN.below);
  return isPlain ? `${+value.toPrecision(3)}` : value.toExponential(2);
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, as the SI has them: `85 kB`, `1.2 GB`. */
export function bytes(sizeBytes: number): string {
  const power = Math.floor(Math.log10(Math.max(sizeBytes, 1)) / 3);
  const index = Math.min(power, BYTE_UNITS.length - 1);
  return `${+(sizeBytes / 1000 ** index).toPrecision(3)} ${BYTE_UNITS[index]}`;
}
