import { Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { SettingsInput } from './settings.ts';
import { PadmmTraining } from './training.ts';

export interface PadmmStackProps extends StackProps {
  readonly settings?: SettingsInput;
  /** ARN or name of the managed policy that bounds every role. */
  readonly permissionsBoundaryName?: string;
}

/** The stack that `npx cdk deploy` makes here: one training deployment and nothing else. */
export class PadmmStack extends Stack {
  readonly training: PadmmTraining;

  constructor(
    scope: Construct,
    id: string,
    { settings, permissionsBoundaryName, ...props }: PadmmStackProps = {},
  ) {
    super(scope, id, props);
    this.training = new PadmmTraining(this, 'Training', {
      ...settings,
      ...(permissionsBoundaryName && {
        permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyName(
          this,
          'Boundary',
          permissionsBoundaryName,
        ),
      }),
    });
  }
}
