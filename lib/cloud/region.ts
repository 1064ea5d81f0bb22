import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EnvironmentError } from '../errors.ts';

/**
 * The region that environment or profile name, as the AWS CLI finds it: AWS_REGION, AWS_DEFAULT_REGION, then the profile.
 *
 * @param profile of the AWS configuration files; AWS_PROFILE or "default" without.
 * @throws EnvironmentError where none of them names one.
 */
export async function currentRegion(profile?: string): Promise<string> {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const named = AWS_REGION || AWS_DEFAULT_REGION;
  if (named) return named;
  const client = new CloudFormationClient(profile === undefined ? {} : { profile });
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
