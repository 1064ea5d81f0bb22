import { Aws } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as assets from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type EcrImage, parseEcrImage } from './ecrImage.ts';
import { ImageBuild } from './imageBuild.ts';
import { WORKER_CONTEXT, WORKER_DOCKERFILE, WORKER_FILES } from './workerSource.ts';

export interface WorkerImageProps {
  /** `build`, `local`, or the URI of an image. */
  readonly source: string;
  /** Stage of the Dockerfile: TensorFlow with CUDA, or without. */
  readonly variant: 'gpu' | 'cpu';
  readonly logRetentionDays: number;
  /** Hears of builds that failed. */
  readonly topic: sns.ITopic;
}

/** The worker's image: built by CodeBuild in the account, by Docker on this machine, or built already. */
export class WorkerImage extends Construct {
  readonly image: ecs.ContainerImage;

  constructor(scope: Construct, id: string, props: WorkerImageProps) {
    super(scope, id);
    this.image = this.#imageOf(props);
  }

  #imageOf(props: WorkerImageProps): ecs.ContainerImage {
    if (props.source === 'build') return new ImageBuild(this, 'Build', props).image;
    if (props.source === 'local') return this.#builtHere(props);
    const stored = parseEcrImage(props.source);
    return stored === null ? ecs.ContainerImage.fromRegistry(props.source) : this.#inEcr(stored);
  }

  /** As an image of a repository, and not of any registry, so that tasks may pull it. */
  #inEcr({ account, region, repository, tagOrDigest }: EcrImage): ecs.ContainerImage {
    const named = ecr.Repository.fromRepositoryAttributes(this, 'Repository', {
      repositoryArn: `arn:${Aws.PARTITION}:ecr:${region}:${account}:repository/${repository}`,
      repositoryName: repository,
    });
    return ecs.ContainerImage.fromEcrRepository(named, tagOrDigest);
  }

  #builtHere({ variant }: WorkerImageProps): ecs.ContainerImage {
    return ecs.ContainerImage.fromDockerImageAsset(
      new assets.DockerImageAsset(this, 'Image', {
        ...WORKER_FILES,
        directory: WORKER_CONTEXT,
        file: WORKER_DOCKERFILE,
        target: variant,
        platform: assets.Platform.LINUX_AMD64,
      }),
    );
  }
}
