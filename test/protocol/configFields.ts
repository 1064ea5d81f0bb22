import { z } from 'zod';
import { runConfigSchema } from '../../lib/protocol/config.ts';

/** A JSON Schema, as far as this walk needs it. */
interface SchemaNode {
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly oneOf?: readonly SchemaNode[];
}

/** A field of the run config; `dataset[mnist].pixelsPerStep` is one that only the variant `mnist` has. */
export interface ConfigField {
  readonly name: string;
  /** Keys that lead to it. */
  readonly path: readonly string[];
  /** What must stand elsewhere for it to be allowed, by path: `{'dataset.kind': 'mnist'}`. */
  readonly variants: Readonly<Record<string, string>>;
}

/** The property that tells the variants of a union apart, with its value in this one. */
function discriminator(variant: SchemaNode): [string, string] {
  const [key, node] = Object.entries(variant.properties ?? {}).find(([, child]) => child.const) ?? [];
  return [`${key}`, `${node?.const}`];
}

function* fieldsUnder(node: SchemaNode, at: ConfigField): Generator<ConfigField> {
  for (const variant of node.oneOf ?? []) {
    const [key, value] = discriminator(variant);
    const variants = { ...at.variants, [[...at.path, key].join('.')]: value };
    yield* fieldsUnder(variant, { ...at, name: `${at.name}[${value}]`, variants });
  }
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    if (child.const !== undefined) continue;
    const field = { ...at, name: at.name === '' ? key : `${at.name}.${key}`, path: [...at.path, key] };
    yield field;
    yield* fieldsUnder(child, field);
  }
}

/** Every field that a user may write, as the published JSON Schema has them, but those that name a variant. */
export function configFields(): ConfigField[] {
  const root = z.toJSONSchema(runConfigSchema, { io: 'input' }) as SchemaNode;
  return [...fieldsUnder(root, { name: '', path: [], variants: {} })];
}

/** A config with one value at a path, and around it what makes the path lead somewhere. */
export function configWith(field: ConfigField, value: unknown): Record<string, unknown> {
  const config: Record<string, unknown> = { name: 'a', dataset: { kind: 'digits' } };
  for (const [path, variant] of Object.entries(field.variants)) setAt(config, path.split('.'), variant);
  setAt(config, field.path, value);
  return config;
}

function setAt(object: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    object[key] = value;
    return;
  }
  object[key] ??= {};
  setAt(object[key] as Record<string, unknown>, rest, value);
}
