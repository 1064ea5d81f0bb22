import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { IntegrityError } from '../../lib/errors.ts';
import { foldJobSchema, PROTOCOL_VERSION, runEventSchema, taskSchema } from '../../lib/protocol/messages.ts';
import { parseStored } from '../../lib/protocol/validate.ts';
import { events, foldJob, tasks } from './samples.ts';

type Json = Record<string, unknown>;

/** Paths to every value inside, objects themselves included. */
function pathsIn(value: unknown, at: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...at]];
  const below = Object.entries(value).flatMap(([key, child]) => pathsIn(child, [...at, key]));
  return at.length === 0 ? below : [[...at], ...below];
}

const named = (message: object): [string, string[]][] =>
  pathsIn(message).map((path) => [path.join('.'), path]);

/** The message with the value at a path replaced, or removed where `change` answers nothing. */
function changedAt(message: object, path: readonly string[], value: unknown): Json {
  const copy = JSON.parse(JSON.stringify(message)) as Json;
  const holder = path.slice(0, -1).reduce((at, key) => at[key] as Json, copy);
  const last = path.at(-1) ?? '';
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}

const kinds: [string, z.ZodType, object][] = [
  ...tasks.map((task): [string, z.ZodType, object] => [`task ${task.kind}`, taskSchema, task]),
  ['fold job', foldJobSchema, foldJob],
  ...events.map((event): [string, z.ZodType, object] => [`event ${event.kind}`, runEventSchema, event]),
];

describe.for(kinds)('%s', ([, schema, message]) => {
  const refuse = (changed: object) => (): unknown => parseStored(schema, changed, 'message');

  test('comes back unchanged after it was sent as JSON', () => {
    expect(parseStored(schema, JSON.parse(JSON.stringify(message)), 'message')).toEqual(message);
  });

  test.for(named(message))('is refused without %s', ([, path]) => {
    expect(refuse(changedAt(message, path, undefined))).toThrow(IntegrityError);
    expect(refuse(changedAt(message, path, undefined))).toThrow(`message: ${path.join('.')}: expected`);
  });

  test.for(named(message))('is refused with a list as %s', ([, path]) => {
    // Of a list, the element is what is wrong.
    const isList = Array.isArray(path.reduce<unknown>((at, key) => (at as Json)[key], message));
    const field = isList ? `${path.join('.')}.0` : path.join('.');
    expect(refuse(changedAt(message, path, [1]))).toThrow(`${field}: expected`);
  });

  test('is refused with a field that it does not have', () => {
    expect(refuse({ ...message, tensor: [0.1] })).toThrow('tensor: expected no field named "tensor"');
  });

  test('is refused in a version of the format that is not known', () => {
    expect(refuse({ ...message, schema: PROTOCOL_VERSION + 1 })).toThrow(
      `schema: expected ${PROTOCOL_VERSION}, received ${PROTOCOL_VERSION + 1}`,
    );
  });

  test('is refused for a run id that would lead out of the prefix', () => {
    expect(refuse({ ...message, run: '../other' })).toThrow(
      'run: expected NAME-ULID, as `padmm list` shows it, received "../other"',
    );
  });
});

test.for([
  ['a number that is not finite', { loss: Number.NaN }],
  ['an accuracy above 1', { accuracy: 1.01 }],
  ['a negative squared norm', { stepSquaredNorm: -1e-9 }],
  ['an empty batch', { batchSamples: 0 }],
])('figures with %s are refused', ([, change]) => {
  const [solved] = events.filter((event) => event.kind === 'solve');
  const wrong = { ...solved, figures: { ...solved?.figures, ...(change as object) } };
  expect(() => parseStored(runEventSchema, wrong, 'message')).toThrow(
    `message: figures.${Object.keys(change as object)[0]}: expected`,
  );
});
