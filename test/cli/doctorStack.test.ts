/** `padmm doctor --stack`: every line says what mends it. AWS answers as it was recorded. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLocalStore } from '../../lib/emulator/localStore.ts';
import { padmm } from '../support/commandLine.ts';
import { errorXml, type RecordedStackOptions, recordStack, stackXml } from '../support/recordedStack.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

interface Account {
  readonly bootstrap?: string;
  readonly quotaVcpus?: number;
  readonly offered?: readonly string[];
  readonly hasImage?: boolean;
  readonly outputs?: RecordedStackOptions['outputs'];
  readonly service?: object;
}

const IMAGE = '123456789012.dkr.ecr.us-east-1.amazonaws.com/padmm/worker:gpu-abc';

/** Source: the services' API references; ids and times are made up. */
function answersOf({ bootstrap, quotaVcpus = 0, offered = [], hasImage = false }: Account) {
  const json = (value: object) => ({ status: 200, body: JSON.stringify(value) });
  return (action: string, body: string) => {
    const parameters = new URLSearchParams(body);
    if (action === 'DescribeStacks' && parameters.get('StackName') === 'CDKToolkit') {
      if (bootstrap !== undefined) {
        return { status: 200, body: stackXml('CDKToolkit', { BootstrapVersion: bootstrap }) };
      }
      return { status: 400, body: errorXml('ValidationError', 'Stack with id CDKToolkit does not exist') };
    }
    if (action === 'GetServiceQuota') {
      expect(JSON.parse(body)).toEqual({ ServiceCode: 'ec2', QuotaCode: 'L-3819A6DF' });
      return json({ Quota: { Value: quotaVcpus } });
    }
    if (action === 'DescribeInstanceTypeOfferings') {
      const asked = [...parameters].flatMap(([key, value]) => (/^Filter\.1\.Value/.test(key) ? [value] : []));
      const items = asked
        .filter((type) => offered.includes(type))
        .map(
          (type) => `<item><instanceType>${type}</instanceType><locationType>region</locationType></item>`,
        );
      const set = `<instanceTypeOfferingSet>${items.join('')}</instanceTypeOfferingSet>`;
      return {
        status: 200,
        body: `<DescribeInstanceTypeOfferingsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${set}</DescribeInstanceTypeOfferingsResponse>`,
      };
    }
    if (action === 'DescribeTaskDefinition') {
      return json({ taskDefinition: { containerDefinitions: [{ name: 'worker', image: IMAGE }] } });
    }
    if (action === 'DescribeImages') {
      expect(JSON.parse(body)).toMatchObject({
        repositoryName: 'padmm/worker',
        imageIds: [{ imageTag: 'gpu-abc' }],
      });
      if (hasImage) return json({ imageDetails: [{ imageTags: ['gpu-abc'] }] });
      return {
        status: 400,
        body: JSON.stringify({ __type: 'ImageNotFoundException', message: 'no such tag' }),
      };
    }
    return undefined;
  };
}

async function examine(account: Account, words: readonly string[] = []) {
  const local = await openLocalStore({ directory: join(await temporaryDirectory(), 'cloud') });
  onTestFinished(() => local.close());
  const stack = await recordStack(local.deployment, {
    outputs: {
      PadmmCompute: 'gpu',
      PadmmMaxWorkers: '2',
      PadmmInstanceTypes: 'g4dn.xlarge,g5.xlarge',
      PadmmOnDemandPercent: '0',
      ...account.outputs,
    },
    service: { taskDefinition: 'arn:task-definition', ...account.service },
    answer: answersOf(account),
  });
  onTestFinished(() => stack.close());
  const { exitCode, stdout, stderr } = await padmm(
    ['doctor', '--stack', 'padmm', '--endpoint', stack.endpoint, '--json', ...words],
    { env: { AWS_REGION: 'us-east-1' } },
  );
  const { ready, checks } = JSON.parse(stdout) as {
    ready: boolean;
    checks: { name: string; status: string; found: string; remedy: string | null }[];
  };
  const statuses = Object.fromEntries(checks.map(({ name, status }) => [name, status]));
  const remedyOf = (name: string) => checks.find((check) => check.name === name)?.remedy;
  return { exitCode, stderr, ready, checks, statuses, remedyOf };
}

test('a deployment that has all it needs is ready', async () => {
  const { exitCode, ready, statuses, checks } = await examine({
    bootstrap: '28',
    quotaVcpus: 8,
    offered: ['g4dn.xlarge', 'g5.xlarge'],
    hasImage: true,
  });
  expect(statuses).toEqual({
    'CDK bootstrap': 'ok',
    'stack padmm': 'ok',
    'worker image': 'ok',
    workers: 'ok',
    'GPU quota': 'ok',
    'instance types': 'ok',
    'dead letters': 'ok',
  });
  expect({ exitCode, ready }).toEqual({ exitCode: 0, ready: true });
  expect(checks.every(({ remedy }) => remedy === null)).toBe(true);
});

test('a new account is told all that it lacks', async () => {
  const { exitCode, stderr, statuses, remedyOf } = await examine({
    service: {
      desiredCount: 1,
      events: [
        {
          message:
            '(service w) was unable to place a task because no container instance met all of its requirements.',
        },
      ],
    },
  });
  expect(exitCode).toBe(3);
  expect(statuses).toEqual({
    'CDK bootstrap': 'fail',
    'stack padmm': 'ok',
    'worker image': 'fail',
    workers: 'warn',
    'GPU quota': 'fail',
    'instance types': 'fail',
    'dead letters': 'ok',
  });
  expect(stderr).toContain('not ready: CDK bootstrap, worker image, GPU quota, instance types');
  expect(remedyOf('CDK bootstrap')).toBe('run: npx cdk bootstrap');
  expect(remedyOf('GPU quota')).toContain(
    'ask for 8 vCPUs of "All G and VT Spot Instance Requests" (L-3819A6DF)',
  );
  expect(remedyOf('workers')).toContain('vCPU quota of zero');
  expect(remedyOf('instance types')).toContain('-c instanceTypes');
  expect(remedyOf('worker image')).toContain('CodeBuild');
});

test('what there is less of than asked for is a warning', async () => {
  const { exitCode, statuses, checks } = await examine({
    bootstrap: '28',
    quotaVcpus: 4,
    offered: ['g5.xlarge'],
    hasImage: true,
  });
  expect(exitCode).toBe(0);
  expect(statuses).toMatchObject({ 'GPU quota': 'warn', 'instance types': 'warn' });
  expect(checks.find(({ name }) => name === 'instance types')?.found).toContain('not g4dn.xlarge');
});

test('on Fargate neither quota nor instances are looked at; of a stack of another version nothing else', async () => {
  const onFargate = { PadmmCompute: 'cpu', PadmmInstanceTypes: undefined, PadmmOnDemandPercent: undefined };
  const fargate = await examine({ bootstrap: '28', hasImage: true, outputs: onFargate });
  expect(Object.keys(fargate.statuses)).not.toContain('GPU quota');
  expect(fargate.exitCode).toBe(0);
  const old = await examine({ bootstrap: '28', outputs: { PadmmVersion: '0' } });
  expect(old.statuses).toEqual({ 'CDK bootstrap': 'ok', 'stack padmm': 'fail' });
  expect(old.remedyOf('stack padmm')).toContain('npx cdk deploy -c stack=padmm');
  expect(old.exitCode).toBe(3);
});
