/** Outputs of a deployment's CloudFormation stack, by which it is found, and what each of them is. */
export const STACK_OUTPUTS = {
  PadmmVersion: 'Version of the messages and the state that the deployed functions speak',
  PadmmBucket: 'Name of the bucket',
  PadmmTasksQueueUrl: 'URL of the tasks queue',
  PadmmResultsQueueUrl: 'URL of the results queue',
  PadmmFoldsQueueUrl: 'URL of the queue in which blocks of folds are asked for',
  PadmmCluster: 'Name of the ECS cluster of the workers',
  PadmmService: 'Name of the ECS service of the workers',
  PadmmMaxWorkers: 'Most workers at once',
  PadmmCompute: 'What workers run on: gpu, cpu, or none of this stack',
  PadmmInstanceTypes: 'GPU instances that may be taken, separated by commas',
  PadmmOnDemandPercent: 'Part of the GPU instances that is not on Spot, in percent',
  PadmmCoordinatorMemoryMiB: 'Memory of the coordinator, in MiB',
  PadmmCoordinatorTimeoutSeconds: 'Longest invocation of the coordinator, in seconds',
  PadmmSubmitPolicyArn: 'ARN of the policy to attach to those who submit runs',
} as const;

export type StackOutput = keyof typeof STACK_OUTPUTS;
