import type { Node } from 'constructs';
import { type SettingsInput, settingsSchema } from './settings.ts';

/** Settings that were given as context, `-c NAME=VALUE` or in cdk.json; the others are left to their defaults. */
export function contextSettings(node: Node): SettingsInput {
  const names = Object.keys(settingsSchema.shape);
  const given = names.map((name) => [name, node.tryGetContext(name)] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
