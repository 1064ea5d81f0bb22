/** What each role of a template is allowed, in a form that people can read and tests can compare. */
import type { Template } from 'aws-cdk-lib/assertions';

type Value = string | { readonly [name: string]: unknown } | readonly Value[];

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: Value;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Value>>>>;
}

interface PolicyResource {
  readonly Properties: {
    readonly PolicyDocument: { readonly Statement: readonly Statement[] };
    readonly Roles: readonly { readonly Ref: string }[];
  };
}

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** A value of a template with references as `<LogicalId>` or `<LogicalId.Attribute>`, without CDK's hashes. */
export function flatten(value: Value): string {
  if (typeof value === 'string') return value;
  const [name, argument] = Object.entries(value)[0] as [string, unknown];
  if (name === 'Fn::Join') return (argument as [string, Value[]])[1].map(flatten).join('');
  if (name === 'Fn::Sub') return String(argument);
  const reference = name === 'Ref' ? String(argument) : (argument as string[]).join('.');
  return `<${reference.replace(/[0-9A-F]{8}(?=\.|$)/, '')}>`;
}

/** Statements of each role that a policy is attached to, by the role's logical id without CDK's hash. */
export function statementsByRole(template: Template): ReadonlyMap<string, readonly Statement[]> {
  const roles = new Map<string, Statement[]>();
  const policies = Object.values(template.findResources('AWS::IAM::Policy')) as PolicyResource[];
  for (const { Properties } of policies) {
    for (const role of Properties.Roles) {
      const name = flatten(role).slice(1, -1);
      roles.set(name, [...(roles.get(name) ?? []), ...Properties.PolicyDocument.Statement]);
    }
  }
  return roles;
}

/** `action resource` for everything a role is allowed, conditions in brackets; sorted. */
export function grantsOf(statements: readonly Statement[]): string[] {
  return statements
    .flatMap(({ Effect, Action, Resource, Condition }) =>
      listOf(Action).flatMap((action) =>
        listOf(Resource as string).map((resource) => {
          const condition = Condition === undefined ? '' : ` [${JSON.stringify(Condition)}]`;
          return `${Effect === 'Allow' ? '' : `${Effect} `}${action} ${flatten(resource)}${condition}`;
        }),
      ),
    )
    .sort();
}
