import { describe, expect, test } from 'vitest';
import { ConfigError, ExitCode, type Mismatch } from '../../lib/errors.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { parseInput } from '../../lib/protocol/validate.ts';
import { type ConfigField, configFields, configWith } from './configFields.ts';
import { wrongValues } from './wrongValues.ts';

const fields = configFields();

/** What a config is refused with. */
function refusal(config: unknown): ConfigError {
  try {
    parseInput(runConfigSchema, config, 'run config');
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(config)}`);
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

const cases = fields.flatMap((field) =>
  (wrongValues[field.name] ?? []).map(([value, expected]): [string, ConfigField, unknown, string] => [
    `${field.name}: ${shown(value)}`,
    field,
    value,
    expected,
  ]),
);

test('the table of wrong values covers every field of the schema, and no other', () => {
  expect(Object.keys(wrongValues).sort()).toEqual(fields.map((field) => field.name).sort());
});

describe('a wrong value is refused with the field, what was expected and what came', () => {
  test.for(cases)('%s', ([, field, value, expected]) => {
    const { exitCode, message, mismatches } = refusal(configWith(field, value));
    const path = field.path.join('.');
    const wanted: Mismatch = { field: path, expected, received: shown(value) };
    expect(mismatches).toContainEqual(wanted);
    expect(message).toContain(`${path}: expected ${expected}, received ${shown(value)}`);
    expect(exitCode).toBe(ExitCode.usage);
  });
});

/** Each object of the config once for each of its variants, as a field that stands for what it holds. */
const sections = new Map(
  fields.map((field) => {
    const path = field.path.slice(0, -1);
    return [`${path.join('.')} ${JSON.stringify(field.variants)}`, { ...field, path: [...path, 'misspelt'] }];
  }),
);

test.for([...sections])('a field that does not exist is refused in %s', ([, field]) => {
  expect(refusal(configWith(field, 1)).mismatches).toContainEqual({
    field: field.path.join('.'),
    expected: 'no field named "misspelt"',
    received: '1',
  });
});

test.for([
  ['dataset', { kind: 'cifar' }, 'kind'],
  ['model.initializer', { kind: 'zeros' }, 'kind'],
  ['dataset.source', { format: 'xlsx' }, 'format'],
] as const)('an unknown variant of %s is refused', ([path, value, key]) => {
  const variants = path === 'dataset.source' ? { 'dataset.kind': 'sequences' } : {};
  const config = configWith({ name: path, path: path.split('.'), variants }, value);
  expect(refusal(config).mismatches.map(({ field }) => field)).toContain(`${path}.${key}`);
});

test.for([[null], [[]], ['name'], [7]])('a config that is no object is refused: %j', ([config]) => {
  expect(refusal(config).mismatches).toEqual([
    { field: '(top level)', expected: 'object', received: JSON.stringify(config) },
  ]);
});

test('all that is wrong is named at once', () => {
  const error = refusal({ name: 'A', dataset: { kind: 'digits' }, shards: 0, stop: { maxRounds: 0 } });
  expect(error.mismatches.map(({ field }) => field).sort()).toEqual(['name', 'shards', 'stop.maxRounds']);
});

test('a long wrong value is cut in the message', () => {
  const [mismatch] = refusal({ name: 'A'.repeat(5000), dataset: { kind: 'digits' } }).mismatches;
  expect(mismatch?.received.length).toBeLessThan(100);
});

test('a config of two fields is enough, and filling in defaults twice changes nothing', () => {
  const filled = runConfigSchema.parse({ name: 'a', dataset: { kind: 'digits' } });
  expect(filled).toMatchObject({
    dataset: { trainSamples: 12_000, validationFraction: 0.1, sharding: 'iid' },
    model: { cell: 'tanh', hiddenUnits: 128, initializer: { kind: 'orthogonal', gain: 1 } },
    solver: { batchSize: 250, penalty: { readout: 0.05 } },
    consensus: { mode: 'sync', averagedVersions: 8, useDuals: true },
    stop: { maxRounds: 120 },
    worker: { threads: 1 },
    shards: 4,
    seed: 0,
  });
  expect(runConfigSchema.parse(filled)).toEqual(filled);
});
