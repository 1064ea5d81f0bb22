import { expect, test } from 'vitest';
import { grantsOf, type Statement, statementsByRole } from './policies.ts';
import { templateOf } from './synthesise.ts';

const roles = statementsByRole(templateOf());
const grants = (role: string): string[] => grantsOf(roles.get(role) ?? []);
const bucket = 'TrainingStorageBucket.Arn';
/** Nothing but the ends of runs, on the account's default bus. */
const tellOfRuns =
  'events:PutEvents arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default ' +
  '[{"StringEquals":{"events:source":"padmm","events:detail-type":"Run ended"}}]';

test('only these roles have policies', () => {
  expect([...roles.keys()].sort()).toEqual([
    'TrainingCoordinatorHandlerRole',
    'TrainingFleetGpuInstanceRole',
    'TrainingFleetImageBuildProjectEventsRole',
    'TrainingFleetImageBuildProjectRole',
    'TrainingFleetTaskExecutionRole',
    'TrainingFleetTaskTaskRole',
    'TrainingWatchdogHandlerRole',
  ]);
});

test('the coordinator writes and lists runs, sends tasks and folds, takes folds and results, and tells of ends', () => {
  expect(grants('TrainingCoordinatorHandlerRole')).toEqual([
    tellOfRuns,
    'logs:CreateLogStream <TrainingCoordinatorHandlerLogs.Arn>',
    'logs:PutLogEvents <TrainingCoordinatorHandlerLogs.Arn>',
    `s3:DeleteObject <${bucket}>/runs/*`,
    `s3:GetObject <${bucket}>/runs/*`,
    `s3:ListBucket <${bucket}> [{"StringLike":{"s3:prefix":"runs/*"}}]`,
    `s3:PutObject <${bucket}>/runs/*`,
    'sqs:ChangeMessageVisibility <TrainingQueuesFolds.Arn>',
    'sqs:ChangeMessageVisibility <TrainingQueuesResults.Arn>',
    'sqs:DeleteMessage <TrainingQueuesFolds.Arn>',
    'sqs:DeleteMessage <TrainingQueuesResults.Arn>',
    'sqs:GetQueueAttributes <TrainingQueuesFolds.Arn>',
    'sqs:GetQueueAttributes <TrainingQueuesResults.Arn>',
    'sqs:ReceiveMessage <TrainingQueuesFolds.Arn>',
    'sqs:ReceiveMessage <TrainingQueuesResults.Arn>',
    'sqs:SendMessage <TrainingQueuesFolds.Arn>',
    'sqs:SendMessage <TrainingQueuesResults.Arn>',
    'sqs:SendMessage <TrainingQueuesTasks.Arn>',
  ]);
});

test('the watchdog looks after runs, tells of ends, and sets the desired count of one service', () => {
  expect(grants('TrainingWatchdogHandlerRole')).toEqual([
    'ecs:DescribeServices <TrainingFleetService>',
    'ecs:UpdateService <TrainingFleetService>',
    tellOfRuns,
    'logs:CreateLogStream <TrainingWatchdogHandlerLogs.Arn>',
    'logs:PutLogEvents <TrainingWatchdogHandlerLogs.Arn>',
    `s3:DeleteObject <${bucket}>/runs/*`,
    `s3:GetObject <${bucket}>/runs/*`,
    `s3:ListBucket <${bucket}> [{"StringLike":{"s3:prefix":"runs/*"}}]`,
    `s3:PutObject <${bucket}>/runs/*`,
    'sqs:GetQueueAttributes <TrainingQueuesTasks.Arn>',
    'sqs:SendMessage <TrainingQueuesFolds.Arn>',
    'sqs:SendMessage <TrainingQueuesTasks.Arn>',
  ]);
});

test('a worker reads runs and datasets, and writes contributions and leases', () => {
  const tasks = 'arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task/<TrainingFleetCluster>/*';
  expect(grants('TrainingFleetTaskTaskRole')).toEqual([
    `ecs:UpdateTaskProtection ${tasks}`,
    `s3:GetObject <${bucket}>/datasets/*`,
    `s3:GetObject <${bucket}>/runs/*`,
    `s3:PutObject <${bucket}>/runs/*/contributions/*`,
    `s3:PutObject <${bucket}>/runs/*/leases/*`,
    'sqs:ChangeMessageVisibility <TrainingQueuesTasks.Arn>',
    'sqs:DeleteMessage <TrainingQueuesTasks.Arn>',
    'sqs:ReceiveMessage <TrainingQueuesTasks.Arn>',
    'sqs:SendMessage <TrainingQueuesResults.Arn>',
  ]);
});

test('a host takes part in one cluster, and starts images', () => {
  const cluster = '[{"ArnEquals":{"ecs:cluster":{"Fn::GetAtt":["TrainingFleetCluster';
  const host = grants('TrainingFleetGpuInstanceRole').map((grant) => grant.split(cluster)[0]?.trim());
  expect(host).toEqual([
    'ecr:GetAuthorizationToken *',
    'ecs:DeregisterContainerInstance <TrainingFleetCluster.Arn>',
    'ecs:DiscoverPollEndpoint *',
    'ecs:Poll *',
    'ecs:RegisterContainerInstance <TrainingFleetCluster.Arn>',
    'ecs:StartTelemetrySession *',
    'ecs:Submit* <TrainingFleetCluster.Arn>',
    'logs:CreateLogStream *',
    'logs:PutLogEvents *',
  ]);
  expect(grants('TrainingFleetTaskExecutionRole')).toEqual([
    'ecr:BatchCheckLayerAvailability <TrainingFleetImageBuildRepository.Arn>',
    'ecr:BatchGetImage <TrainingFleetImageBuildRepository.Arn>',
    'ecr:GetAuthorizationToken *',
    'ecr:GetDownloadUrlForLayer <TrainingFleetImageBuildRepository.Arn>',
    'logs:CreateLogStream <TrainingFleetLogs.Arn>',
    'logs:PutLogEvents <TrainingFleetLogs.Arn>',
  ]);
});

test('on Fargate and with an image that is built already, fewer roles are there', () => {
  const template = templateOf({ compute: 'cpu', workerImage: 'public.ecr.aws/some/worker:1' });
  const names = [...statementsByRole(template).keys()];
  expect(names.filter((name) => /Gpu|Build/.test(name))).toEqual([]);
});

test('those who submit runs write runs and datasets, and read the data that were named', () => {
  const template = templateOf({
    compute: 'none',
    dataUris: 's3://corpora/reviews/en,s3://sensors.example/2026/',
  });
  const [policy] = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
  const statements = policy?.Properties.PolicyDocument.Statement as readonly Statement[];
  const arn = (name: string) => `arn:<AWS::Partition>:s3:::${name}`;
  const below = (prefix: string) => `[{"StringLike":{"s3:prefix":"${prefix}*"}}]`;
  expect(grantsOf(statements)).toEqual(
    [
      'cloudformation:DescribeStacks <AWS::StackId>',
      `s3:DeleteObject <${bucket}>/runs/*`,
      `s3:GetObject <${bucket}>/datasets/*`,
      `s3:GetObject <${bucket}>/runs/*`,
      `s3:GetObject ${arn('corpora/reviews/en/*')}`,
      `s3:GetObject ${arn('sensors.example/2026/*')}`,
      `s3:ListBucket <${bucket}> ${below('runs/')}`,
      `s3:ListBucket ${arn('corpora')} ${below('reviews/en/')}`,
      `s3:ListBucket ${arn('sensors.example')} ${below('2026/')}`,
      `s3:PutObject <${bucket}>/datasets/*`,
      `s3:PutObject <${bucket}>/runs/*`,
      'sqs:GetQueueAttributes <TrainingQueuesFolds.Arn>',
      'sqs:GetQueueAttributes <TrainingQueuesResults.Arn>',
      'sqs:GetQueueAttributes <TrainingQueuesTasks.Arn>',
      'sqs:SendMessage <TrainingQueuesResults.Arn>',
      'sqs:SendMessage <TrainingQueuesTasks.Arn>',
      ...['DeadTasks', 'DeadResults', 'DeadFolds'].flatMap((name) => [
        `sqs:ChangeMessageVisibility <TrainingQueues${name}.Arn>`,
        `sqs:DeleteMessage <TrainingQueues${name}.Arn>`,
        `sqs:GetQueueAttributes <TrainingQueues${name}.Arn>`,
        `sqs:GetQueueUrl <TrainingQueues${name}.Arn>`,
        `sqs:ReceiveMessage <TrainingQueues${name}.Arn>`,
      ]),
    ].sort(),
  );
});

test('where there is a fleet, those who submit runs want workers and ask why there are none', () => {
  const [policy] = Object.values(templateOf().findResources('AWS::IAM::ManagedPolicy'));
  const statements: readonly Statement[] = policy?.Properties.PolicyDocument.Statement;
  const cluster = /ArnEquals":{"ecs:cluster":{"Fn::GetAtt":\["TrainingFleetCluster\w+","Arn"\]/;
  const ecs = grantsOf(statements).filter((grant) => grant.startsWith('ecs:'));
  expect(ecs).toEqual([
    'ecs:DescribeServices <TrainingFleetService>',
    'ecs:DescribeTasks arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task/<TrainingFleetCluster>/*',
    expect.stringMatching(new RegExp(`^ecs:ListTasks \\* .*${cluster.source}`)),
    'ecs:UpdateService <TrainingFleetService>',
  ]);
});
