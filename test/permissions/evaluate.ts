/** Evaluates recorded calls against synthesised policies, as IAM does: allowed where a statement allows it. */
import { flatten, type Statement } from '../infra/policies.ts';
import type { RecordedCall } from './recordingProxy.ts';

/** ARNs of the template's references, as `flatten` shows them, to what the recorded calls name. */
export type Resources = Readonly<Record<string, string>>;

/** One action on one resource of a policy. */
export interface Permission {
  readonly action: string;
  /** With `*` for anything. */
  readonly resource: string;
  /** What the prefix of a listing must be like; null for any. */
  readonly prefix: string | null;
}

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** Everything that statements allow, on the resources that are known here. */
export function permissionsOf(statements: readonly Statement[], resources: Resources): Permission[] {
  const named = (resource: string) =>
    Object.entries(resources).reduce((text, [reference, name]) => text.replace(reference, name), resource);
  return statements.flatMap(({ Action, Resource, Condition }) =>
    listOf(Action).flatMap((action) =>
      listOf(Resource as string).map((resource) => ({
        action,
        resource: named(flatten(resource)),
        prefix: (Condition?.StringLike?.['s3:prefix'] as string | undefined) ?? null,
      })),
    ),
  );
}

function isLike(text: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}

/** Whether a permission allows a call. */
export function allows({ action, resource, prefix }: Permission, call: RecordedCall): boolean {
  if (action !== call.action || !isLike(call.resource, resource)) return false;
  return prefix === null || isLike(call.prefix ?? '', prefix);
}
