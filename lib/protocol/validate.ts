import type { z } from 'zod';
import { ConfigError, IntegrityError, type Mismatch } from '../errors.ts';

const MAX_SHOWN_LENGTH = 80;

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], input);
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `no field named ${issue.keys.map((k) => `"${k}"`).join(', ')}`;
  return issue.message
    .replace(/^(Invalid \w+|Too small|Too big): /, '')
    .replace(/, received .*$/, '')
    .replace(/^expected /, '');
}

/** Turns the issues of a failed parse into mismatches that name the field, the expectation and the value. */
export function mismatchesOf(error: z.ZodError, input: unknown): Mismatch[] {
  return error.issues.map((issue) => {
    const extra = issue.code === 'unrecognized_keys' ? issue.keys : undefined;
    const field = [...issue.path, ...(extra?.slice(0, 1) ?? [])].join('.') || '(top level)';
    const value = valueAt(input, [...issue.path, ...(extra?.slice(0, 1) ?? [])]);
    return { field, expected: expectation(issue), received: show(value) };
  });
}

/** Parses what a user wrote. @throws ConfigError naming every field that is wrong. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown, subject: string): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ConfigError(subject, mismatchesOf(parsed.error, input), { cause: parsed.error });
}

/** Parses what the system itself stored or sent. @throws IntegrityError naming the first field that is wrong. */
export function parseStored<S extends z.ZodType>(schema: S, input: unknown, subject: string): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [first] = mismatchesOf(parsed.error, input);
  throw new IntegrityError(subject, first as Mismatch, { cause: parsed.error });
}
