/** Whether a deployment and the account around it have what runs need. */
import { readDeadLetters } from '../../client/deadLetters.ts';
import {
  bootstrapVersion,
  GPU_QUOTAS,
  gpuQuotaVcpus,
  isImageThere,
  offeredInstanceTypes,
  workerImageOf,
} from '../../cloud/account.ts';
import type { ClientOptions } from '../../cloud/clients.ts';
import { connect } from '../../cloud/deployment.ts';
import { explainError } from '../../cloud/explainError.ts';
import type { FleetLocation } from '../../cloud/fleet.ts';
import type { GpuSettings, StackDeployment } from '../../cloud/stack.ts';
import { clientOptions, openStack, type PlaceOptions } from '../place.ts';
import { readFleet } from '../runTroubles.ts';
import { type Check, fail, messageOf, ok, warn } from './check.ts';

/** The least that templates of this CDK ask for: their rule CheckBootstrapVersion. */
const BOOTSTRAP_NEEDED = 6;
/** The smallest instances of the families, one GPU each. */
const VCPUS_A_WORKER = 4;

/** A check whose own failure is what it found. */
async function attempt(name: string, remedy: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    return fail(name, messageOf(explainError(error, name)), remedy);
  }
}

function checkBootstrap(options: ClientOptions): Promise<Check> {
  const name = 'CDK bootstrap';
  const remedy = 'run: npx cdk bootstrap';
  return attempt(name, remedy, async () => {
    const version = await bootstrapVersion(options);
    if (version === null) return fail(name, `none in ${options.region}`, remedy);
    const found = `version ${version}`;
    return version >= BOOTSTRAP_NEEDED ? ok(name, found) : fail(name, found, remedy);
  });
}

function checkQuota(
  deployment: StackDeployment,
  { maxWorkers }: FleetLocation,
  { onDemandPercent }: GpuSettings,
): Promise<Check> {
  const kind = onDemandPercent === 100 ? 'onDemand' : 'spot';
  const { code, name } = GPU_QUOTAS[kind];
  const needed = VCPUS_A_WORKER * maxWorkers;
  const remedy = `ask for ${needed} vCPUs of "${name}" (${code}) in Service Quotas, or deploy with -c compute=cpu`;
  return attempt('GPU quota', 'allow servicequotas:GetServiceQuota', async () => {
    const vcpus = await gpuQuotaVcpus(deployment, kind);
    const found = `${vcpus} vCPUs, ${maxWorkers} workers need ${needed}`;
    if (vcpus < VCPUS_A_WORKER) return fail('GPU quota', found, remedy);
    return vcpus < needed ? warn('GPU quota', found, remedy) : ok('GPU quota', found);
  });
}

function checkInstanceTypes(deployment: StackDeployment, { instanceTypes }: GpuSettings): Promise<Check> {
  const name = 'instance types';
  const remedy = 'deploy with -c instanceTypes=… that the region offers, or in another region';
  return attempt(name, 'allow ec2:DescribeInstanceTypeOfferings', async () => {
    const offered = await offeredInstanceTypes(deployment, instanceTypes);
    const missing = instanceTypes.filter((type) => !offered.includes(type));
    const found = `${offered.join(', ') || 'none'} offered in ${deployment.region}`;
    if (offered.length === 0) return fail(name, `${missing.join(', ')} not offered`, remedy);
    return missing.length === 0 ? ok(name, found) : warn(name, `${found}, not ${missing.join(', ')}`, remedy);
  });
}

function checkImage(deployment: StackDeployment, location: FleetLocation): Promise<Check> {
  const name = 'worker image';
  const remedy = 'look at the CodeBuild project of the stack, or deploy with -c workerImage=URI';
  return attempt(name, 'allow ecs:DescribeTaskDefinition and ecr:DescribeImages', async () => {
    const image = await workerImageOf(deployment, location);
    if (image === null)
      return fail(name, 'the service has no task definition', 'deploy again: npx cdk deploy');
    const isThere = await isImageThere(deployment, image);
    if (isThere === null) return ok(name, `${image}, outside of ECR: a pull will tell`);
    return isThere ? ok(name, image) : fail(name, `${image} is not there`, remedy);
  });
}

function checkFleet(deployment: StackDeployment, location: FleetLocation): Promise<Check> {
  const name = 'workers';
  return attempt(name, 'allow ecs:DescribeServices, ecs:ListTasks and ecs:DescribeTasks', async () => {
    const { running, desired, diagnosis } = await readFleet(deployment, location);
    const found = `${running} of ${desired} wanted are running`;
    if (running >= desired) return ok(name, found);
    return warn(
      name,
      found,
      diagnosis ?? 'look at the events of the ECS service: padmm status RUN --stack NAME',
    );
  });
}

function checkDeadLetters(deployment: StackDeployment): Promise<Check> {
  const name = 'dead letters';
  return attempt(name, 'allow sqs:GetQueueAttributes and sqs:ReceiveMessage', async () => {
    const connection = connect(deployment);
    try {
      const { tasks, results, folds } = (await readDeadLetters(connection, deployment)).counts;
      if (tasks + results + folds === 0) return ok(name, 'none');
      const remedy = 'mend the cause (padmm status RUN --stack NAME), then: padmm redrive --stack NAME';
      return warn(name, `${tasks} tasks, ${results} results, ${folds} blocks of folds`, remedy);
    } finally {
      connection.close();
    }
  });
}

/**
 * Checks a deployment. Where the credentials do not work or there is no stack, that is the last that is looked at.
 *
 * @param stack name of its CloudFormation stack.
 */
export async function checkDeployment(stack: string, options: PlaceOptions): Promise<readonly Check[]> {
  const checks: Check[] = [];
  let deployment: StackDeployment;
  try {
    checks.push(await checkBootstrap(await clientOptions(options)));
    deployment = await openStack(stack, options);
  } catch (error) {
    const [found = '', remedy = 'see docs/DEPLOY.md'] = messageOf(error).split('; ');
    return [...checks, fail(`stack ${stack}`, found, remedy)];
  }
  checks.push(ok(`stack ${stack}`, `in ${deployment.region}, of this version`));
  const { fleet, gpu } = deployment;
  if (fleet === null) checks.push(warn('workers', 'none of its own', 'start workers of your own'));
  else checks.push(await checkImage(deployment, fleet), await checkFleet(deployment, fleet));
  if (fleet !== null && gpu !== null) {
    checks.push(await checkQuota(deployment, fleet, gpu), await checkInstanceTypes(deployment, gpu));
  }
  checks.push(await checkDeadLetters(deployment));
  return checks;
}
