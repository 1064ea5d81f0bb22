import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accepts findings of cdk-nag's AwsSolutions pack at the construct they are about, each with the reason why.
 *
 * @param findings rule, with the finding in brackets where a rule has several (`IAM5[Resource::*]`), to its reason.
 */
export function acknowledge(construct: IConstruct, findings: Readonly<Record<string, string>>): void {
  const acknowledgments = Object.entries(findings).map(([rule, reason]) => ({
    id: `AwsSolutions-${rule}`,
    reason,
  }));
  Validations.of(construct).acknowledge(...acknowledgments);
}
