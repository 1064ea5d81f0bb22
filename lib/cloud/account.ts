/**
 * What an account and a region have for a deployment: looked at, never changed.
 *
 * Source: Service Quotas, "Amazon EC2 quotas"; Amazon EC2 API, DescribeInstanceTypeOfferings; Amazon ECR API,
 * DescribeImages; AWS CDK, "Bootstrapping".
 */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeInstanceTypeOfferingsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeImagesCommand, ECRClient, ImageNotFoundException } from '@aws-sdk/client-ecr';
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { type ClientOptions, clientConfiguration } from './clients.ts';
import type { FleetLocation } from './fleet.ts';

/** Quotas of Amazon EC2 for GPU instances of the families G and VT, in vCPUs. */
export const GPU_QUOTAS = {
  spot: { code: 'L-3819A6DF', name: 'All G and VT Spot Instance Requests' },
  onDemand: { code: 'L-DB2E81BA', name: 'Running On-Demand G and VT instances' },
} as const;

const BOOTSTRAP_STACK = 'CDKToolkit';

interface Closable {
  destroy(): void;
}

async function using<C extends Closable, T>(client: C, work: (client: C) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

/** Version of what `cdk bootstrap` made; null where it was never run in this region. */
export function bootstrapVersion(options: ClientOptions): Promise<number | null> {
  return using(new CloudFormationClient(clientConfiguration(options)), async (client) => {
    try {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: BOOTSTRAP_STACK }));
      const output = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'BootstrapVersion');
      return Number(output?.OutputValue ?? 0);
    } catch (error) {
      if (error instanceof Error && /does not exist/.test(error.message)) return null;
      throw error;
    }
  });
}

/** vCPUs that a quota of Amazon EC2 allows at once. */
export function gpuQuotaVcpus(options: ClientOptions, kind: keyof typeof GPU_QUOTAS): Promise<number> {
  return using(new ServiceQuotasClient(clientConfiguration(options)), async (client) => {
    const { Quota } = await client.send(
      new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: GPU_QUOTAS[kind].code }),
    );
    return Quota?.Value ?? 0;
  });
}

/** Which of these instance types the region offers. */
export function offeredInstanceTypes(
  options: ClientOptions,
  instanceTypes: readonly string[],
): Promise<string[]> {
  return using(new EC2Client(clientConfiguration(options)), async (client) => {
    const { InstanceTypeOfferings = [] } = await client.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'region',
        Filters: [{ Name: 'instance-type', Values: [...instanceTypes] }],
      }),
    );
    return InstanceTypeOfferings.flatMap(({ InstanceType }) => InstanceType ?? []);
  });
}

/** The image that the service's tasks run. */
export function workerImageOf(
  options: ClientOptions,
  { cluster, service }: FleetLocation,
): Promise<string | null> {
  return using(new ECSClient(clientConfiguration(options)), async (client) => {
    const { services } = await client.send(new DescribeServicesCommand({ cluster, services: [service] }));
    const taskDefinition = services?.[0]?.taskDefinition;
    if (taskDefinition === undefined) return null;
    const described = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
    return described.taskDefinition?.containerDefinitions?.[0]?.image ?? null;
  });
}

const ECR_URI = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)(?::([^@]+)|@(.+))$/;

/** Whether an image is in ECR; null for one that lies elsewhere, which only a pull can tell. */
export async function isImageThere(options: ClientOptions, uri: string): Promise<boolean | null> {
  const match = ECR_URI.exec(uri);
  if (match === null) return null;
  const [, registryId, region = options.region, repositoryName, imageTag, imageDigest] = match;
  const imageIds = [imageTag === undefined ? { imageDigest } : { imageTag }];
  return using(new ECRClient(clientConfiguration({ ...options, region })), async (client) => {
    try {
      const request = new DescribeImagesCommand({ registryId, repositoryName, imageIds });
      const { imageDetails = [] } = await client.send(request);
      return imageDetails.length > 0;
    } catch (error) {
      if (error instanceof ImageNotFoundException) return false;
      throw error;
    }
  });
}
