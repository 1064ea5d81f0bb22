import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import { contextSettings } from '../../infra/contextSettings.ts';
import type { SettingsInput } from '../../infra/settings.ts';
import { PadmmStack } from '../../infra/stack.ts';
import { PadmmTraining } from '../../infra/training.ts';
import { STACK_OUTPUTS } from '../../lib/cloud/stackOutputs.ts';
import { projectDirectory } from '../support/commandLine.ts';
import { flatten, statementsByRole } from './policies.ts';
import { newApp, templateOf } from './synthesise.ts';

/** An image that is built already: nothing is copied for a build of it. */
const IMAGE = 'public.ecr.aws/some/worker:1';
const ECR_IMAGE = '123456789012.dkr.ecr.us-east-1.amazonaws.com/worker:1';
const gpu = templateOf();
const cpu = templateOf({ compute: 'cpu', onDemandPercent: 25, maxWorkers: 8 });
const none = templateOf({ compute: 'none', alarmEmail: 'someone@example.com' });

/** Resources of the fleet alone. */
const FLEET_TYPES = [
  'AutoScaling::AutoScalingGroup',
  'CodeBuild::Project',
  'EC2::InternetGateway',
  'EC2::LaunchTemplate',
  'EC2::Route',
  'EC2::RouteTable',
  'EC2::SecurityGroup',
  'EC2::Subnet',
  'EC2::SubnetRouteTableAssociation',
  'EC2::VPC',
  'EC2::VPCEndpoint',
  'EC2::VPCGatewayAttachment',
  'ECR::Repository',
  'ECS::CapacityProvider',
  'ECS::Cluster',
  'ECS::ClusterCapacityProviderAssociations',
  'ECS::Service',
  'ECS::TaskDefinition',
  'IAM::InstanceProfile',
];

/** The template without what changes with every line of code: the digests of assets. */
function stable(value: object): unknown {
  const text = JSON.stringify(value).replace(/[0-9a-f]{64}/g, 'DIGEST');
  return JSON.parse(text);
}

test('the templates are as reviewed', () => {
  expect(stable(gpu.toJSON())).toMatchSnapshot('gpu');
  expect(stable(cpu.toJSON())).toMatchSnapshot('cpu');
  expect(stable(none.toJSON())).toMatchSnapshot('none');
});

describe('storage', () => {
  test('is encrypted, private and kept', () => {
    gpu.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      },
    });
    templateOf({ compute: 'none', retainData: false }).hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Delete',
    });
  });

  test('takes TLS 1.2 or newer alone', () => {
    const denied = (condition: object) =>
      Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: condition, Principal: { AWS: '*' } });
    gpu.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          denied({ Bool: { 'aws:SecureTransport': 'false' } }),
          denied({ NumericLessThan: { 's3:TlsVersion': 1.2 } }),
        ]),
      },
    });
  });

  test('removes no object by its age', () => {
    const [bucket] = Object.values(gpu.findResources('AWS::S3::Bucket'));
    const rules: object[] = bucket?.Properties.LifecycleConfiguration.Rules;
    expect(rules.filter((rule) => 'ExpirationInDays' in rule || 'ExpirationDate' in rule)).toEqual([]);
    expect(rules).toContainEqual(
      expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
    );
  });
});

describe('queues', () => {
  test('results are first in, first out, by run', () => {
    gpu.hasResourceProperties('AWS::SQS::Queue', {
      FifoQueue: true,
      QueueName: 'padmm-results.fifo',
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      VisibilityTimeout: 90,
      RedrivePolicy: { maxReceiveCount: 10 },
    });
  });

  test('folds are asked for in one of their own, first in, first out by block', () => {
    gpu.hasResourceProperties('AWS::SQS::Queue', {
      FifoQueue: true,
      QueueName: 'padmm-folds.fifo',
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      VisibilityTimeout: 90,
      RedrivePolicy: { maxReceiveCount: 10 },
    });
  });

  test('each has dead letters, and takes TLS alone', () => {
    gpu.resourceCountIs('AWS::SQS::Queue', 6);
    gpu.resourceCountIs('AWS::SQS::QueuePolicy', 6);
    gpu.allResourcesProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
  });
});

describe('coordinator', () => {
  test('is fed as its contract says', () => {
    gpu.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 10 },
      MaximumBatchingWindowInSeconds: Match.absent(),
    });
  });

  test('forms one block of a fold an invocation, and may go round for as long as a run does', () => {
    gpu.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 64 },
    });
    gpu.hasResourceProperties('AWS::Lambda::Function', { RecursiveLoop: 'Allow' });
  });

  test('and watchdog run Node 24 on ARM, and know their deployment', () => {
    gpu.resourceCountIs('AWS::Lambda::Function', 2);
    gpu.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Environment: {
        Variables: Match.objectLike({
          PADMM_BUCKET: Match.anyValue(),
          PADMM_TASKS_QUEUE_URL: Match.anyValue(),
          PADMM_RESULTS_QUEUE_URL: Match.anyValue(),
          PADMM_FOLDS_QUEUE_URL: Match.anyValue(),
        }),
      },
    });
  });

  test('is never cut off after its messages came back', () => {
    const [mapping] = Object.values(gpu.findResources('AWS::Lambda::EventSourceMapping'));
    const fn = gpu.findResources('AWS::Lambda::Function')[mapping?.Properties.FunctionName.Ref];
    const queues = Object.values(gpu.findResources('AWS::SQS::Queue'));
    const results = queues.find(({ Properties }) => Properties.FifoQueue && Properties.RedrivePolicy);
    expect(results?.Properties.VisibilityTimeout).toBeGreaterThan(fn?.Properties.Timeout);
  });

  test('the watchdog looks once a minute', () => {
    gpu.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' });
  });
});

describe('fleet', () => {
  test('begins at nothing', () => {
    gpu.hasResourceProperties('AWS::ECS::Service', { DesiredCount: 0 });
    cpu.hasResourceProperties('AWS::ECS::Service', { DesiredCount: 0 });
    gpu.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { MinSize: '0', MaxSize: '2' });
  });

  test('is scaled by no metric of a queue', () => {
    gpu.resourceCountIs('AWS::ApplicationAutoScaling::ScalableTarget', 0);
  });

  test('takes GPU instances on Spot, drained before they go', () => {
    gpu.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      NewInstancesProtectedFromScaleIn: true,
      MixedInstancesPolicy: {
        InstancesDistribution: {
          OnDemandPercentageAboveBaseCapacity: 0,
          SpotAllocationStrategy: 'price-capacity-optimized',
        },
        LaunchTemplate: {
          Overrides: ['g4dn.xlarge', 'g5.xlarge', 'g6.xlarge'].map((InstanceType) => ({ InstanceType })),
        },
      },
    });
    gpu.hasResourceProperties('AWS::ECS::CapacityProvider', {
      AutoScalingGroupProvider: {
        ManagedDraining: 'ENABLED',
        ManagedScaling: Match.objectLike({ Status: 'ENABLED', TargetCapacity: 100 }),
        ManagedTerminationProtection: 'ENABLED',
      },
    });
  });

  test('its hosts demand tokens of their metadata service, and keep it from containers', () => {
    gpu.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        BlockDeviceMappings: [Match.objectLike({ Ebs: Match.objectLike({ Encrypted: true }) })],
      },
    });
  });

  test('a host on Spot hands its tasks back when it is told to go, and lets them take as long as they may', () => {
    const [template] = Object.values(gpu.findResources('AWS::EC2::LaunchTemplate'));
    const userData = JSON.stringify(template?.Properties.LaunchTemplateData.UserData);
    expect(userData).toContain('ECS_ENABLE_SPOT_INSTANCE_DRAINING=true');
    expect(userData).toContain('ECS_CONTAINER_STOP_TIMEOUT=120s');
  });

  test('on Fargate, too, a worker has two minutes to end', () => {
    cpu.hasResourceProperties('AWS::ECS::TaskDefinition', {
      NetworkMode: 'awsvpc',
      Cpu: '2048',
      Memory: '4096',
      ContainerDefinitions: [Match.objectLike({ StopTimeout: 120, HealthCheck: Match.anyValue() })],
    });
  });

  test('a worker has a GPU, two minutes to end, and a check of its health', () => {
    gpu.hasResourceProperties('AWS::ECS::TaskDefinition', {
      NetworkMode: 'bridge',
      ContainerDefinitions: [
        Match.objectLike({
          ResourceRequirements: [{ Type: 'GPU', Value: '1' }],
          StopTimeout: 120,
          HealthCheck: Match.anyValue(),
        }),
      ],
    });
  });

  test('on Fargate as many as asked for are not on Spot', () => {
    cpu.hasResourceProperties('AWS::ECS::Service', {
      CapacityProviderStrategy: [
        { CapacityProvider: 'FARGATE_SPOT', Weight: 75 },
        { CapacityProvider: 'FARGATE', Weight: 25 },
      ],
      NetworkConfiguration: { AwsvpcConfiguration: Match.objectLike({ AssignPublicIp: 'ENABLED' }) },
    });
    cpu.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ PADMM_MAX_WORKERS: '8' }) },
    });
  });

  test('is left out where workers run elsewhere, and nothing else is', () => {
    const types = (template: Template) =>
      new Set(
        Object.values<{ Type: string }>(template.toJSON().Resources).map(({ Type }) =>
          Type.replace('AWS::', ''),
        ),
      );
    const [whole, rest] = [types(gpu), types(none)];
    // What LocalStack is spared: see LOCALSTACK_SETTINGS of test/localstack.
    expect([...whole].filter((type) => !rest.has(type)).sort()).toEqual(FLEET_TYPES);
    expect([...rest].filter((type) => !whole.has(type))).toEqual(['SNS::Subscription']);
  });

  test('its hosts start from the image of ECS for GPUs', () => {
    gpu.hasParameter('*', { Default: Match.stringLikeRegexp('/ecs/optimized-ami/amazon-linux-2023/gpu/') });
  });

  test('no metrics are paid while nobody trains', () => {
    gpu.hasResourceProperties('AWS::ECS::Cluster', {
      ClusterSettings: [{ Name: 'containerInsights', Value: 'disabled' }],
    });
  });
});

describe('worker image', () => {
  const images = (settings: SettingsInput) =>
    Object.values(templateOf(settings).findResources('AWS::ECS::TaskDefinition')).map(({ Properties }) =>
      flatten(Properties.ContainerDefinitions[0].Image),
    );
  const pulled = (settings: SettingsInput) =>
    (statementsByRole(templateOf(settings)).get('TrainingFleetTaskExecutionRole') ?? []).find(({ Action }) =>
      Action.includes('ecr:BatchGetImage'),
    );

  test('is built in the account, which needs no Docker here', () => {
    gpu.resourceCountIs('AWS::CodeBuild::Project', 1);
    expect(images({})[0]).toMatch(/<TrainingFleetImageBuildRepository>:gpu-[0-9a-f]{64}$/);
    expect(images({ compute: 'cpu' })[0]).toMatch(/:cpu-[0-9a-f]{64}$/);
  });

  test('or by Docker here, of which the synthesis only notes what to build', () => {
    const app = newApp();
    const stack = new PadmmStack(app, 'padmm', { settings: { workerImage: 'local' } });
    const { dockerImages } = JSON.parse(
      readFileSync(join(app.synth().directory, `${stack.artifactId}.assets.json`), 'utf8'),
    );
    const [image] = Object.values<{ source: object }>(dockerImages);
    expect(image?.source).toMatchObject({
      dockerFile: 'functions/worker/Dockerfile',
      dockerBuildTarget: 'gpu',
      platform: 'linux/amd64',
    });
  });

  test('or is one of ECR, which tasks may pull, or of any other registry', () => {
    const uri = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/worker';
    const digest = `sha256:${'a'.repeat(64)}`;
    for (const [image, tag] of [
      [`${uri}:1.2`, ':1.2'],
      [`${uri}@${digest}`, `@${digest}`],
    ] as const) {
      expect(images({ workerImage: image })).toEqual([
        `123456789012.dkr.ecr.eu-west-1.<AWS::URLSuffix>/team/worker${tag}`,
      ]);
      expect(flatten(pulled({ workerImage: image })?.Resource ?? '')).toBe(
        'arn:<AWS::Partition>:ecr:eu-west-1:123456789012:repository/team/worker',
      );
    }
    expect(images({ workerImage: IMAGE })).toEqual([IMAGE]);
    expect(pulled({ workerImage: IMAGE })).toBeUndefined();
  });
});

describe('network', () => {
  const endpoints = (settings: SettingsInput) =>
    Object.values(templateOf(settings).findResources('AWS::EC2::VPCEndpoint'))
      .filter(({ Properties }) => Properties.VpcEndpointType === 'Interface')
      .map(({ Properties }) => flatten(Properties.ServiceName).replace('com.amazonaws.<AWS::Region>.', ''))
      .sort();

  test('public: nothing comes in, nothing costs idle', () => {
    gpu.resourceCountIs('AWS::EC2::NatGateway', 0);
    gpu.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    gpu.allResourcesProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
    gpu.resourceCountIs('AWS::EC2::VPCEndpoint', 1);
    gpu.hasResourceProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' });
  });

  test('private: no way out, and exactly the endpoints that workers need', () => {
    const workers = ['ecr.api', 'ecr.dkr', 'logs', 'sqs'];
    const here = { network: 'private', workerImage: ECR_IMAGE } as const;
    expect(endpoints({ ...here, compute: 'cpu' })).toEqual(workers);
    expect(endpoints(here)).toEqual([...workers, 'ecs', 'ecs-agent', 'ecs-telemetry'].sort());
    templateOf(here).resourceCountIs('AWS::EC2::InternetGateway', 0);
    templateOf({ ...here, compute: 'cpu' }).hasResourceProperties('AWS::ECS::Service', {
      NetworkConfiguration: { AwsvpcConfiguration: Match.objectLike({ AssignPublicIp: 'DISABLED' }) },
    });
  });
});

describe('watching', () => {
  test('every alarm says something to the topic, and has an entry in the runbook', () => {
    const runbook = readFileSync(join(projectDirectory, 'docs', 'DEPLOY.md'), 'utf8');
    const alarms = Object.values(gpu.findResources('AWS::CloudWatch::Alarm'));
    expect(alarms).toHaveLength(7);
    for (const { Properties } of alarms) {
      expect(Properties.AlarmActions).toHaveLength(1);
      const [, entry] = /docs\/DEPLOY\.md, (\w+)\.$/.exec(Properties.AlarmDescription) ?? [];
      expect(Properties.AlarmName).toBe(`padmm-${entry}`);
      expect(runbook).toContain(`\n- **${entry}**: `);
    }
  });

  test('alarms and the budget may publish to the topic', () => {
    const [policy] = Object.values(gpu.findResources('AWS::SNS::TopicPolicy'));
    expect(policy?.Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: ['budgets.amazonaws.com', 'cloudwatch.amazonaws.com'] },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    );
    none.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'someone@example.com',
    });
  });

  test('logs are kept as long as asked', () => {
    gpu.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    const week = templateOf({ workerImage: IMAGE, logRetentionDays: 7 });
    week.resourceCountIs('AWS::Logs::LogGroup', 3);
    week.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });

  test('everything carries the tag of the deployment', () => {
    gpu.hasResourceProperties('AWS::S3::Bucket', {
      Tags: Match.arrayWith([{ Key: 'padmm', Value: 'padmm' }]),
    });
    gpu.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: Match.objectLike({ CostFilters: { TagKeyValue: ['user:padmm$padmm'] } }),
    });
  });
});

describe('what only code can say', () => {
  const stack = new Stack(newApp(), 'shared');
  new PadmmTraining(stack, 'Training', {
    tags: { team: 'speech' },
    permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'developers'),
  });
  const template = Template.fromStack(stack);

  test('tags are on everything, beside the stack’s own', () => {
    const tags = [
      { Key: 'padmm', Value: 'shared' },
      { Key: 'team', Value: 'speech' },
    ];
    for (const type of ['S3::Bucket', 'SQS::Queue', 'Lambda::Function', 'ECS::Service', 'Logs::LogGroup']) {
      template.allResourcesProperties(`AWS::${type}`, { Tags: Match.arrayWith(tags) });
    }
  });

  test('a boundary bounds every role', () => {
    const roles = Object.values(template.findResources('AWS::IAM::Role'));
    expect(roles.length).toBeGreaterThanOrEqual(7);
    for (const { Properties } of roles) {
      expect(flatten(Properties.PermissionsBoundary)).toBe(
        'arn:<AWS::Partition>:iam::<AWS::AccountId>:policy/developers',
      );
    }
  });
});

describe('outputs', () => {
  test('are those by which the deployment is found', () => {
    expect(Object.keys(gpu.findOutputs('*')).sort()).toEqual(Object.keys(STACK_OUTPUTS).sort());
    const withoutFleet = Object.keys(STACK_OUTPUTS).filter(
      (name) => !/Cluster|Service|MaxWorkers|InstanceTypes|OnDemandPercent/.test(name),
    );
    expect(Object.keys(none.findOutputs('*')).sort()).toEqual(withoutFleet.sort());
  });
});

describe('settings', () => {
  test.for<[SettingsInput, RegExp]>([
    [{ maxWorkers: 0 }, /maxWorkers: expected .*>=1, received 0/],
    [{ monthlyBudgetUsd: -5 }, /monthlyBudgetUsd: expected .*>0, received -5/],
    [{ instanceTypes: ['huge'] }, /instanceTypes\.0: expected an instance type.*received "huge"/],
    [{ logRetentionDays: 2 }, /logRetentionDays: expected one of 1, 3, 5/],
    [{ workerImage: 'latest' }, /workerImage: expected "build", "local", or the URI/],
    [{ cpu: 1000 }, /cpu: expected .*1024/],
    [{ alarmEmail: 'nobody' }, /alarmEmail/],
    [
      { dataUris: ['s3://bucket'] },
      /dataUris\.0: expected s3:\/\/BUCKET\/PREFIX, .*received "s3:\/\/bucket"/,
    ],
    [
      { network: 'private', workerImage: IMAGE },
      /workerImage: expected "build", "local", or an image in ECR/,
    ],
    [{ dataUris: 's3://bucket/a,s3://bucket/*' }, /dataUris\.1: expected s3:.*received/],
  ])('%j is refused', ([settings, message]) => {
    expect(() => templateOf(settings)).toThrow(message);
  });

  test('come from the context as text', () => {
    const context = {
      maxWorkers: '5',
      instanceTypes: 'g5.xlarge,g6.xlarge',
      retainData: 'false',
      'availability-zones:account=1': 'the CDK’s own',
    };
    const settings = contextSettings(new App({ context }).node);
    expect(settings).toEqual({ maxWorkers: '5', instanceTypes: 'g5.xlarge,g6.xlarge', retainData: 'false' });
    const template = templateOf(settings);
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { MaxSize: '5' });
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });

  test('that do not exist are refused, and said with those that do', () => {
    const { node } = new App({ context: { maxWorker: '5' } });
    expect(() => contextSettings(node)).toThrow(
      /maxWorker: expected one of compute, maxWorkers, .*received "5"/,
    );
  });
});
