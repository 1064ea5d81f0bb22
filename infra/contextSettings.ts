import type { Node } from 'constructs';
import { ConfigError } from '../lib/errors.ts';
import { SETTING_NAMES, type SettingsInput } from './settings.ts';

/** Context of the app itself: the stack's name, and the managed policy that bounds its roles. */
const APP_CONTEXT = ['stack', 'permissionsBoundary'];
/** The CDK's own context has other signs in its names: `@aws-cdk/core:…`, `aws:cdk:…`, `availability-zones:…`. */
const PLAIN_NAME = /^\w+$/;

/**
 * Settings that were given as context, `-c NAME=VALUE` or in cdk.json; the others are left to their defaults.
 *
 * @throws ConfigError where a name is none of a setting, which the CDK itself would pass over.
 */
export function contextSettings(node: Node): SettingsInput {
  const context = node.getAllContext() as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(context).filter(
    (name) => PLAIN_NAME.test(name) && !SETTING_NAMES.includes(name) && !APP_CONTEXT.includes(name),
  );
  if (unknown.length > 0) {
    const expected = `one of ${[...SETTING_NAMES, ...APP_CONTEXT].join(', ')}`;
    throw new ConfigError(
      'deployment',
      unknown.map((name) => ({ field: name, expected, received: JSON.stringify(context[name]) })),
    );
  }
  const given = SETTING_NAMES.map((name) => [name, node.tryGetContext(name)] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
