/**
 * Whether a region has the instance types that were asked for. CloudFormation tells that only by a group of instances
 * that never starts any.
 *
 * Source: Amazon EC2 API Reference, DescribeInstanceTypeOfferings.
 */
import { EC2Client, paginateDescribeInstanceTypeOfferings } from '@aws-sdk/client-ec2';
import { ConfigError } from '../lib/errors.ts';

/** Those of the instance types that the region offers. */
async function offeredIn(region: string, types: readonly string[]): Promise<string[]> {
  const client = new EC2Client({ region });
  const offered: string[] = [];
  try {
    const filter = { Name: 'instance-type', Values: [...types] };
    const pages = paginateDescribeInstanceTypeOfferings(
      { client },
      { LocationType: 'region', Filters: [filter] },
    );
    for await (const { InstanceTypeOfferings = [] } of pages) {
      offered.push(...InstanceTypeOfferings.flatMap(({ InstanceType }) => InstanceType ?? []));
    }
  } finally {
    client.destroy();
  }
  return types.filter((type) => offered.includes(type));
}

/**
 * Asks EC2 whether it offers every one of the instance types in the region.
 *
 * @throws ConfigError naming those that it does not offer; the SDK's error where EC2 cannot be asked.
 */
export async function requireOffered(region: string, types: readonly string[]): Promise<void> {
  const offered = await offeredIn(region, types);
  const missing = types.filter((type) => !offered.includes(type));
  if (missing.length === 0) return;
  const remedy = offered.length > 0 ? `-c instanceTypes=${offered.join(',')}` : 'others, or -c compute=cpu';
  throw new ConfigError('deployment', [
    {
      field: 'instanceTypes',
      expected: `GPU instances that ${region} offers (${remedy})`,
      received: missing.join(', '),
    },
  ]);
}
