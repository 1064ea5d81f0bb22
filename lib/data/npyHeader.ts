import { DataError } from '../errors.ts';

/** What the header of an .npy file says. */
export interface NpyHeader {
  /** Byte order, kind and size of an element: `<f4`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** Literals that the header may hold: a string, a boolean, a tuple of integers. Nothing is evaluated. */
const STRING = /^'([^'\\]*)'|^"([^"\\]*)"/;
const BOOLEAN = /^(True|False)\b/;
const TUPLE = /^\(\s*((?:\d+\s*,\s*)*(?:\d+\s*)?)\)/;
const ENTRY_END = /^\s*(,\s*)?/;
const KEYS = ['descr', 'fortran_order', 'shape'];

type Literal = string | boolean | readonly number[];

/** Reads the literal that a text begins with, and what follows it. */
function takeLiteral(text: string): { value: Literal; rest: string } | undefined {
  const string = STRING.exec(text);
  if (string) return { value: string[1] ?? string[2] ?? '', rest: text.slice(string[0].length) };
  const boolean = BOOLEAN.exec(text);
  if (boolean) return { value: boolean[0] === 'True', rest: text.slice(boolean[0].length) };
  const tuple = TUPLE.exec(text);
  const sizes = (tuple?.[1] ?? '').split(',').map((size) => size.trim());
  if (!tuple) return undefined;
  return { value: sizes.filter((size) => size !== '').map(Number), rest: text.slice(tuple[0].length) };
}

function parseDict(text: string): Map<string, Literal> | undefined {
  const body = /^\{\s*(.*)\}\s*$/s.exec(text)?.[1];
  const entries = new Map<string, Literal>();
  let rest = body;
  while (rest) {
    const key = takeLiteral(rest);
    const value = key && takeLiteral(key.rest.replace(/^\s*:\s*/, ''));
    if (!value || typeof key.value !== 'string' || entries.has(key.value)) return undefined;
    entries.set(key.value, value.value);
    const next = value.rest.replace(ENTRY_END, '');
    if (next !== '' && !/^\s*,/.test(value.rest)) return undefined;
    rest = next;
  }
  return body === undefined ? undefined : entries;
}

/**
 * Parses the header of an .npy file strictly: exactly the three keys of the format, each of its type.
 *
 * @throws DataError naming the file.
 */
export function parseNpyHeader(text: string, path: string): NpyHeader {
  const entries = parseDict(text);
  const [descr, fortranOrder, shape] = KEYS.map((key) => entries?.get(key));
  const isShape = Array.isArray(shape) && shape.every(Number.isSafeInteger);
  if (entries?.size === 3 && typeof descr === 'string' && typeof fortranOrder === 'boolean' && isShape) {
    return { descr, fortranOrder, shape };
  }
  const expected = "a dict of 'descr' (a string), 'fortran_order' (True or False) and 'shape' (a tuple)";
  throw new DataError(path, { field: 'header', expected, received: JSON.stringify(text.trim()) });
}
