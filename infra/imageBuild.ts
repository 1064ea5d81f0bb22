import { type CfnElement, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { WORKER_CONTEXT, WORKER_DOCKERFILE, WORKER_FILES } from './workerSource.ts';

export interface ImageBuildProps {
  /** Stage of the Dockerfile. */
  readonly variant: 'gpu' | 'cpu';
  readonly logRetentionDays: number;
  /** Hears of builds that failed. */
  readonly topic: sns.ITopic;
}

const KEPT_IMAGES = 3;
const TIMEOUT = Duration.minutes(60);

/**
 * Builds the worker's image in the account whenever its source has changed. A deployment does not wait for it: no worker
 * is wanted until there is a run, and ECS tries again until the image is there.
 */
export class ImageBuild extends Construct {
  readonly image: ecs.ContainerImage;
  readonly project: codebuild.Project;

  constructor(scope: Construct, id: string, { variant, logRetentionDays, topic }: ImageBuildProps) {
    super(scope, id);
    const repository = new ecr.Repository(this, 'Repository', {
      repositoryName: `${Stack.of(this).stackName.toLowerCase()}/worker`,
      imageScanOnPush: true,
      emptyOnDelete: true,
      removalPolicy: RemovalPolicy.DESTROY,
      lifecycleRules: [{ maxImageCount: KEPT_IMAGES }],
    });
    const source = new assets.Asset(this, 'Source', {
      path: WORKER_CONTEXT,
      ...WORKER_FILES,
    });
    const tag = `${variant}-${source.assetHash}`;
    this.project = new codebuild.Project(this, 'Project', {
      description: `Worker image of padmm, ${variant}`,
      source: codebuild.Source.s3({ bucket: source.bucket, path: source.s3ObjectKey }),
      environment: {
        buildImage: codebuild.LinuxBuildImage.AMAZON_LINUX_2023_5,
        computeType: codebuild.ComputeType.MEDIUM,
        privileged: true,
      },
      environmentVariables: {
        IMAGE: { value: `${repository.repositoryUri}:${tag}` },
        REGISTRY: { value: repository.registryUri },
      },
      buildSpec: codebuild.BuildSpec.fromObject(buildSpec(variant)),
      timeout: TIMEOUT,
      grantReportGroupPermissions: false,
      logging: {
        cloudWatch: {
          logGroup: new logs.LogGroup(this, 'Logs', {
            retention: logRetentionDays,
            removalPolicy: RemovalPolicy.DESTROY,
          }),
        },
      },
    });
    repository.grantPullPush(this.project);
    this.project.onBuildFailed('Failed', { target: new targets.SnsTopic(topic) });
    this.#startAfterDeployment();
    this.image = ecs.ContainerImage.fromEcrRepository(repository, tag);
    this.#acknowledge();
  }

  /** CloudFormation tells EventBridge when a deployment is complete; the build ends at once where its image is there. */
  #startAfterDeployment(): void {
    new events.Rule(this, 'AfterDeployment', {
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: {
          'stack-id': [Stack.of(this).stackId],
          'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'] },
        },
      },
      targets: [new targets.CodeBuildProject(this.project as codebuild.IProject)],
    });
  }

  #acknowledge(): void {
    acknowledge(this.project, {
      CB4: 'The only output is an image in ECR, which encrypts it; there are no artifacts.',
      CB3: 'Building an image needs the Docker daemon; the project builds this source alone.',
    });
    const name = Stack.of(this).getLogicalId(this.project.node.defaultChild as CfnElement);
    const here = '<AWS::Region>:<AWS::AccountId>';
    acknowledge(this.project.node.findChild('Role'), {
      'IAM5[Action::s3:GetObject*]': 'Reads one object, this source, by any version.',
      'IAM5[Action::s3:GetBucket*]':
        'Finds the region of the assets bucket; the resources are one bucket and one object.',
      'IAM5[Action::s3:List*]': 'Resources are one bucket and one object of it.',
      'IAM5[Resource::*]': 'ecr:GetAuthorizationToken knows no resource.',
      [`IAM5[Resource::arn:<AWS::Partition>:logs:${here}:log-group:/aws/codebuild/<${name}>:*]`]:
        'Log streams of this project, which CodeBuild names.',
    });
  }
}

/** Commands of CodeBuild (AWS CodeBuild: "Build specification reference"). The tag names the source: built once. */
function buildSpec(variant: ImageBuildProps['variant']) {
  const login = 'aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"';
  const build = `docker build --target ${variant} --file ${WORKER_DOCKERFILE} --tag "$IMAGE" .`;
  return {
    version: '0.2',
    phases: {
      pre_build: { commands: [login] },
      build: {
        commands: [`docker manifest inspect "$IMAGE" > /dev/null || { ${build} && docker push "$IMAGE"; }`],
      },
    },
  };
}
