/** A deployment as CloudFormation knows it: found by the name of its stack, through the stack's outputs. */
import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { EnvironmentError } from '../errors.ts';
import { PROTOCOL_VERSION } from '../protocol/messages.ts';
import { type ClientOptions, clientConfiguration } from './clients.ts';
import type { Deployment } from './deployment.ts';
import type { FleetLocation } from './fleet.ts';
import { STACK_OUTPUTS, type StackOutput } from './stackOutputs.ts';

/** A deployment, and the workers of its own where it has any. */
export interface StackDeployment extends Deployment {
  readonly stack: string;
  readonly fleet: FleetLocation | null;
  /** GPU instances of its workers; null where they run on something else. */
  readonly gpu: GpuSettings | null;
  /** Of the coordinator's function; null of a stack that does not tell. */
  readonly coordinator: CoordinatorSettings | null;
}

export interface GpuSettings {
  readonly instanceTypes: readonly string[];
  /** Part that is not on Spot. */
  readonly onDemandPercent: number;
}

export interface CoordinatorSettings {
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
}

export const DEFAULT_STACK = 'padmm';

async function describe(stack: string, options: ClientOptions): Promise<Stack> {
  const client = new CloudFormationClient(clientConfiguration(options));
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    return Stacks?.[0] as Stack;
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) {
      throw new EnvironmentError(
        `stack ${stack} in ${options.region}: expected a deployment, received none; deploy it with: npx cdk deploy -c stack=${stack}`,
        { cause: error },
      );
    }
    throw error;
  } finally {
    client.destroy();
  }
}

function fleetOf(outputs: ReadonlyMap<string, string>): FleetLocation | null {
  const [cluster, service] = [outputs.get('PadmmCluster'), outputs.get('PadmmService')];
  if (cluster === undefined || service === undefined) return null;
  return { cluster, service, maxWorkers: Number(outputs.get('PadmmMaxWorkers')) };
}

function gpuOf(outputs: ReadonlyMap<string, string>): GpuSettings | null {
  const instanceTypes = outputs.get('PadmmInstanceTypes')?.split(',');
  if (instanceTypes === undefined) return null;
  return { instanceTypes, onDemandPercent: Number(outputs.get('PadmmOnDemandPercent')) };
}

function coordinatorOf(outputs: ReadonlyMap<string, string>): CoordinatorSettings | null {
  const memoryMiB = outputs.get('PadmmCoordinatorMemoryMiB');
  const timeoutSeconds = outputs.get('PadmmCoordinatorTimeoutSeconds');
  if (memoryMiB === undefined || timeoutSeconds === undefined) return null;
  return { memoryMiB: Number(memoryMiB), timeoutSeconds: Number(timeoutSeconds) };
}

/**
 * Finds a deployment.
 *
 * @throws EnvironmentError where there is no such stack, it is not one of this project, or of another version.
 */
export async function findStack(stack: string, options: ClientOptions): Promise<StackDeployment> {
  const { Outputs = [] } = await describe(stack, options);
  const outputs = new Map(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']));
  const value = (output: StackOutput): string => {
    const found = outputs.get(output);
    if (found !== undefined) return found;
    throw new EnvironmentError(
      `stack ${stack}: expected an output ${output} (${STACK_OUTPUTS[output]}), received none; is it a stack of padmm?`,
    );
  };
  if (value('PadmmVersion') !== String(PROTOCOL_VERSION)) {
    throw new EnvironmentError(
      `stack ${stack}: expected protocol version ${PROTOCOL_VERSION}, received ${value('PadmmVersion')}; ` +
        `bring it up to date with: npx cdk deploy -c stack=${stack}`,
    );
  }
  return {
    stack,
    ...options,
    bucket: value('PadmmBucket'),
    tasksQueueUrl: value('PadmmTasksQueueUrl'),
    resultsQueueUrl: value('PadmmResultsQueueUrl'),
    foldsQueueUrl: value('PadmmFoldsQueueUrl'),
    fleet: fleetOf(outputs),
    gpu: gpuOf(outputs),
    coordinator: coordinatorOf(outputs),
  };
}
