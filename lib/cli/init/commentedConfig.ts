/** A run config with comments: what is set, and every other option with its default, to be uncommented. */
import { runConfigJsonSchema } from '../configSchema.ts';

/** What is read of a JSON Schema. */
interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

type Fields = Readonly<Record<string, unknown>>;

const WIDTH = 100;
const INDENT = '  ';
/** Tell the kinds of a dataset, of a source or of an initialiser apart. */
const TAGS = ['kind', 'format'] as const;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function comment(text: string, indent: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (indent.length + line.length + word.length + 4 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => `${indent}// ${line}`);
}

/** The schema of what a value is one of. */
function chosen(schema: Schema, value: unknown): Schema {
  const choices = schema.oneOf ?? [];
  const tag = isFields(value) ? TAGS.find((name) => name in value) : undefined;
  if (tag === undefined || !isFields(value)) return schema;
  return choices.find(({ properties }) => properties?.[tag]?.const === value[tag]) ?? schema;
}

/** Values that may stand there; of what has kinds, those. */
function choicesOf({ enum: names, oneOf = [] }: Schema): readonly unknown[] {
  return names ?? oneOf.map(({ properties }) => properties?.kind?.const ?? properties?.format?.const);
}

function descriptionOf(schema: Schema): string | undefined {
  const { description } = schema;
  const choices = choicesOf(schema);
  if (choices.every((choice) => description?.includes(String(choice)))) return description;
  const all = choices.map((choice) => JSON.stringify(choice)).join(', ');
  return [description, `One of ${all}.`].filter(Boolean).join(' ');
}

/** A line that is a comment until somebody wants another value; without a default it says what may stand there. */
function unset(name: string, schema: Schema, indent: string): string {
  const value = 'default' in schema ? JSON.stringify(schema.default) : `<${schema.type ?? 'value'}>`;
  return `${indent}// ${JSON.stringify(name)}: ${value},`;
}

function property(name: string, schema: Schema, value: unknown, indent: string): string[] {
  const about = descriptionOf(schema);
  const said = about === undefined ? [] : comment(about, indent);
  const inner = chosen(schema, value);
  // What is left out and has fields that must be there stays out; an empty one would be wrong.
  const opens = isFields(value) || (value === undefined && inner.required === undefined);
  if (inner.properties !== undefined && opens) {
    const lines = fields(inner.properties, isFields(value) ? value : {}, indent + INDENT);
    return [...said, `${indent}${JSON.stringify(name)}: {`, ...lines, `${indent}},`];
  }
  if (value === undefined) return [...said, unset(name, schema, indent)];
  return [...said, `${indent}${JSON.stringify(name)}: ${JSON.stringify(value)},`];
}

function fields(properties: Readonly<Record<string, Schema>>, values: Fields, indent: string): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => property(name, schema, values[name], indent));
}

/** The text of a config: JSON with comments, which `readRunConfig` and editors read. */
export function commentedConfig(config: Fields, heading: string): string {
  const { properties = {} } = runConfigJsonSchema() as Schema;
  return [...comment(heading, ''), '{', ...fields(properties, config, INDENT), '}', ''].join('\n');
}
