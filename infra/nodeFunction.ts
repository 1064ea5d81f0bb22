import { fileURLToPath } from 'node:url';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { moduleBeside } from '../lib/besideModule.ts';
import { FUNCTION_NODE_OPTIONS } from '../lib/cloud/functionOptions.ts';
import { acknowledge } from './acknowledge.ts';

export interface NodeFunctionProps {
  /** Directory under `functions` whose index.ts exports `handler`. */
  readonly name: string;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  readonly logRetentionDays: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether Lambda ends what it takes for a loop; it does without. */
  readonly recursiveLoop?: lambda.RecursiveLoop;
}

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** A function of this project: bundled with all it needs, on ARM, with a role and a log group of its own. */
export class NodeFunction extends Construct {
  readonly function: lambda.Function;
  readonly role: iam.Role;
  readonly logGroup: logs.LogGroup;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    this.logGroup = new logs.LogGroup(this, 'Logs', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const logging = this.logGroup.grantWrite(this.role);
    this.function = new NodejsFunction(this, 'Function', {
      entry: fileURLToPath(moduleBeside(import.meta.url, `../functions/${props.name}/index`)),
      projectRoot: PROJECT,
      depsLockFilePath: `${PROJECT}package-lock.json`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: props.memoryMiB,
      timeout: Duration.seconds(props.timeoutSeconds),
      role: this.role,
      logGroup: this.logGroup,
      ...(props.recursiveLoop === undefined ? {} : { recursiveLoop: props.recursiveLoop }),
      loggingFormat: lambda.LoggingFormat.JSON,
      environment: { ...props.environment, NODE_OPTIONS: `--enable-source-maps ${FUNCTION_NODE_OPTIONS}` },
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        minify: true,
        sourceMap: true,
        sourcesContent: false,
        mainFields: ['module', 'main'],
        // The SDK goes into the bundle: the one that was tested, whatever the runtime brings.
        externalModules: [],
      },
    });
    logging.applyBefore(this.function);
    // The runtime is the newest of Lambda; the rule's list of runtimes is older.
    acknowledge(this.function, { L1: 'Node.js 24 is the newest runtime.' });
  }
}
