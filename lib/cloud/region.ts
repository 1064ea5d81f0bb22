import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EnvironmentError } from '../errors.ts';

/**
 * The region that the environment or the profile names, as the AWS CLI finds it.
 *
 * @throws EnvironmentError where neither names one.
 */
export async function currentRegion(): Promise<string> {
  const client = new CloudFormationClient({});
  try {
    return await client.config.region();
  } catch (error) {
    throw new EnvironmentError(
      'AWS region: expected AWS_REGION or a profile with a region, received neither; set one with: aws configure set region REGION',
      { cause: error },
    );
  } finally {
    client.destroy();
  }
}
