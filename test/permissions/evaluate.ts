/** Evaluates recorded calls against synthesised policies, as IAM does: allowed where a statement allows it. */
import { basename } from 'node:path';
import type { Deployment } from '../../lib/cloud/deployment.ts';
import type { FleetLocation } from '../../lib/cloud/fleet.ts';
import { flatten, type Statement, statementsByRole } from '../infra/policies.ts';
import { templateOf } from '../infra/synthesise.ts';
import type { RecordedCall } from './recordingProxy.ts';

/** The parties of a run that AWS is asked by, with their roles in the template. */
const ROLES = {
  coordinator: 'TrainingCoordinatorHandlerRole',
  watchdog: 'TrainingWatchdogHandlerRole',
  worker: 'TrainingFleetTaskTaskRole',
} as const;
export type Principal = keyof typeof ROLES;
export const principals = Object.keys(ROLES) as Principal[];
/** Who submits runs, under the managed policy that the stack has for that. */
export const SUBMITTER = 'submitter';
/** The folder that it may take data from. */
export const DATA_URI = 's3://corpora/reviews';
export type Permissions = ReadonlyMap<string, readonly Permission[]>;

/** One action on one resource of a policy. */
export interface Permission {
  readonly action: string;
  /** With `*` for anything. */
  readonly resource: string;
  /** What condition keys must be like, with `*` for anything. */
  readonly conditions: Readonly<Record<string, string>>;
}

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

const OPERATORS = ['StringLike', 'StringEquals', 'ArnEquals'];
/** An ARN of the template, as recorded calls name it. */
type Naming = (arn: string) => string;

function conditionsOf({ Condition = {} }: Statement, named: Naming): Record<string, string> {
  const known = Object.entries(Condition).flatMap(([operator, keys]) => {
    if (!OPERATORS.includes(operator)) {
      throw new Error(`condition ${operator}: expected one that is evaluated here`);
    }
    return Object.entries(keys).map(([key, value]) => [key, named(flatten(value))] as const);
  });
  return Object.fromEntries(known);
}

/** Everything that statements allow. */
function permissionsOf(statements: readonly Statement[], named: Naming): Permission[] {
  return statements.flatMap((statement) => {
    const resources = listOf(statement.Resource as string).map((resource) => named(flatten(resource)));
    return resources.flatMap((resource) =>
      listOf(statement.Action).map((action) => ({
        action,
        resource,
        conditions: conditionsOf(statement, named),
      })),
    );
  });
}

/** A fleet's resources: references of the template to what recorded calls name. */
export const fleetNames = ({
  cluster,
  service,
}: Pick<FleetLocation, 'cluster' | 'service'>): Readonly<Record<string, string>> => {
  return {
    'arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:': '',
    '<TrainingFleetService>': `service/${cluster}/${service}`,
    '<TrainingFleetCluster.Arn>': `cluster/${cluster}`,
    '<TrainingFleetCluster>': cluster,
  };
};

/**
 * What the parties of a run are allowed by the synthesised stack, on the resources of a deployment.
 *
 * @param others resources that the deployment does not name: references of the template to what recorded calls name.
 */
export function permissionsIn(
  deployment: Deployment,
  others: Readonly<Record<string, string>> = {},
): Permissions {
  const names = Object.entries({
    '<TrainingStorageBucket.Arn>': deployment.bucket,
    '<TrainingQueuesTasks.Arn>': basename(deployment.tasksQueueUrl),
    '<TrainingQueuesResults.Arn>': basename(deployment.resultsQueueUrl),
    'arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:': '',
    'arn:<AWS::Partition>:s3:::': '',
    '<AWS::StackId>': 'padmm',
    ...others,
  });
  const named: Naming = (arn) =>
    names.reduce((text, [reference, name]) => text.replace(reference, name), arn);
  const template = templateOf({ workerImage: 'public.ecr.aws/some/worker:1', dataUris: [DATA_URI] });
  const roles = statementsByRole(template);
  const [policy] = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
  const statements = new Map<string, readonly Statement[]>([
    ...principals.map((principal) => [principal, roles.get(ROLES[principal]) ?? []] as const),
    [SUBMITTER, policy?.Properties.PolicyDocument.Statement],
  ]);
  return new Map([...statements].map(([principal, each]) => [principal, permissionsOf(each, named)]));
}

function isLike(text: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}

/** Whether a permission allows a call. */
export function allows({ action, resource, conditions }: Permission, call: RecordedCall): boolean {
  if (action !== call.action || !isLike(call.resource, resource)) return false;
  return Object.entries(conditions).every(([key, pattern]) => isLike(call.context[key] ?? '', pattern));
}

/** The calls that no policy of their principal allows, each once, for people. */
export function deniedCalls(permissions: Permissions, calls: readonly RecordedCall[]): string[] {
  const denied = calls.filter(
    (call) => !permissions.get(call.principal)?.some((permission) => allows(permission, call)),
  );
  const described = denied.map(
    ({ principal, action, resource, context }) =>
      `${principal} ${action} ${resource} ${JSON.stringify(context)}`,
  );
  return [...new Set(described)];
}

/** The permissions of a principal that none of its calls needs, each as `action resource`, sorted. */
export function unusedPermissions(
  permissions: Permissions,
  calls: readonly RecordedCall[],
  principal: string,
): string[] {
  const own = calls.filter((call) => call.principal === principal);
  return (permissions.get(principal) ?? [])
    .filter((permission) => !own.some((call) => allows(permission, call)))
    .map(({ action, resource }) => `${action} ${resource}`)
    .sort();
}
