import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { acknowledge } from './acknowledge.ts';

export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Why a resource has a wildcard, where one has. */
  readonly wildcard?: string;
  /** Conditions on every action, as IAM writes them. */
  readonly conditions?: Readonly<Record<string, unknown>>;
}

type Intrinsic = string | { readonly [name: string]: unknown };

/** An ARN as cdk-nag shows it in a finding: references in angle brackets. */
function shown(value: Intrinsic): string {
  if (typeof value === 'string') return value;
  const [name, argument] = Object.entries(value)[0] as [string, unknown];
  if (name === 'Fn::Join') return (argument as [string, Intrinsic[]])[1].map(shown).join('');
  return `<${name === 'Ref' ? argument : (argument as string[]).join('.')}>`;
}

/** Allows a principal actions on resources; a wildcard in a resource must come with its reason. */
export function allow(principal: iam.Role | iam.ManagedPolicy, grant: Grant): void {
  const statement = new iam.PolicyStatement({
    actions: [...grant.actions],
    resources: [...grant.resources],
    ...(grant.conditions ? { conditions: grant.conditions } : {}),
  });
  if (principal instanceof iam.Role) principal.addToPolicy(statement);
  else principal.addStatements(statement);
  const resources = grant.resources.map((arn) => shown(Stack.of(principal).resolve(arn) as Intrinsic));
  for (const resource of resources.filter((arn) => arn.includes('*'))) {
    if (grant.wildcard === undefined)
      throw new Error(`${principal.node.path}: expected a reason for ${resource}`);
    acknowledge(principal, { [`IAM5[Resource::${resource}]`]: grant.wildcard });
  }
}
