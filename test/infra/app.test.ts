/** What the CDK app says to bad settings, and that it writes no template then. */
import { expect, test } from 'vitest';
import { runApp } from './runApp.ts';

/** The app loads in seconds; on a machine that is busy with other tests, in many. */
const PATIENCE_MS = 300_000;

test.for([
  [
    { maxWorkers: '0', monthlyBudgetUsd: '-5', instanceTypes: 'g4dn' },
    [
      'maxWorkers: expected number to be >=1, received "0"',
      'monthlyBudgetUsd: expected number to be >0, received "-5"',
      'instanceTypes.0: expected an instance type such as g4dn.xlarge',
    ],
  ],
  [{ maxWorker: '5' }, ['maxWorker: expected one of compute, maxWorkers']],
] as const)(
  '%j is refused with what mends it, and nothing is synthesised',
  { timeout: PATIENCE_MS },
  async ([settings, messages]) => {
    const { code, stderr, templates } = await runApp(settings);
    for (const message of messages) expect(stderr).toContain(message);
    expect(stderr).toContain('Nothing was deployed. Settings are given as: npx cdk deploy -c NAME=VALUE');
    expect(code).toBe(2);
    expect(templates).toEqual([]);
  },
);

test(
  'where EC2 cannot be asked for its offerings, that is said and the synthesis goes on',
  async () => {
    const { code, stderr, templates } = await runApp(
      { workerImage: 'public.ecr.aws/some/worker:1' },
      {
        ...{ CDK_DEFAULT_ACCOUNT: '000000000000', CDK_DEFAULT_REGION: 'eu-north-1' },
        ...{ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
        // Nobody listens there.
        ...{ AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
      },
    );
    expect(stderr).toMatch(
      /whether eu-north-1 offers g4dn\.xlarge,g5\.xlarge,g6\.xlarge is not known: .*ECONNREFUSED/,
    );
    expect(code).toBe(0);
    expect(templates).toEqual(['padmm.template.json']);
  },
  PATIENCE_MS,
);

test(
  'without credentials it synthesises offline, and says what a deployment would need',
  async () => {
    const { code, stderr, templates } = await runApp({ workerImage: 'public.ecr.aws/some/worker:1' });
    expect(stderr).toContain(
      'No AWS credentials are here: enough to synthesise; to deploy, run aws sso login, or set AWS_PROFILE or keys.',
    );
    expect(code).toBe(0);
    expect(templates).toEqual(['padmm.template.json']);
  },
  PATIENCE_MS,
);
