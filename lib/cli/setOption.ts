/** `--set KEY=VALUE`: a field of a run config, by its dotted path. */
import { InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../errors.ts';

export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
}

type Fields = Record<string, unknown>;

/** JSON where it is that, else text: `0.5`, `null`, `"a"`, `async`. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @throws InvalidArgumentError, which commander turns into a usage message. */
export function parseSetting(text: string): Setting {
  const match = /^([A-Za-z$]\w*(?:\.\w+)*)=(.*)$/s.exec(text);
  if (match === null) throw new InvalidArgumentError('Expected KEY=VALUE such as consensus.momentum=0.8.');
  const [, key = '', value = ''] = match;
  return { path: key.split('.'), value: readValue(value) };
}

/** May be given several times. */
export const setOption = (): Option =>
  new Option('--set <key=value>', 'change a field of the config; may be given several times')
    .argParser((text: string, before: readonly Setting[] = []) => [...before, parseSetting(text)])
    .default([], 'none');

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function withSetting(fields: Fields, { path, value }: Setting, depth = 0): Fields {
  const [name = ''] = path.slice(depth);
  if (depth === path.length - 1) return { ...fields, [name]: value };
  const inner = fields[name] ?? {};
  if (!isFields(inner)) {
    const field = path.slice(0, depth + 1).join('.');
    const received = JSON.stringify(inner);
    throw new ConfigError('--set', [{ field, expected: 'a field that has fields of its own', received }]);
  }
  return { ...fields, [name]: withSetting(inner, { path, value }, depth + 1) };
}

/** The config with these fields, to be validated anew. @throws ConfigError where a path leads through a value. */
export const applySettings = (config: object, settings: readonly Setting[]): Fields =>
  settings.reduce((fields, setting) => withSetting(fields, setting), { ...config } as Fields);
