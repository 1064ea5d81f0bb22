import * as iam from 'aws-cdk-lib/aws-iam';
import { expect, test } from 'vitest';
import type { SettingsInput } from '../../infra/settings.ts';
import { checkSolutions } from './synthesise.ts';

const variants: readonly SettingsInput[] = [
  {},
  { compute: 'none', dataUris: ['s3://corpora/reviews'] },
  {
    compute: 'cpu',
    network: 'private',
    workerImage: '123456789012.dkr.ecr.us-east-1.amazonaws.com/worker:1',
  },
];

/** The rules take seconds; on a machine that is busy with other tests, many. */
const PATIENCE_MS = 300_000;

test.for(variants)(
  'cdk-nag finds nothing that is not acknowledged: %j',
  { timeout: PATIENCE_MS },
  (settings) => {
    expect(() => checkSolutions(settings)).not.toThrow();
  },
);

test('cdk-nag finds what is not acknowledged', () => {
  const widen = () =>
    checkSolutions({ compute: 'none' }, ({ training }) => {
      training.watchdog.role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:*'], resources: ['*'] }));
    });
  expect(widen).toThrow(/Watchdog[\s\S]*IAM5\[Action::s3:\*\]/);
});
