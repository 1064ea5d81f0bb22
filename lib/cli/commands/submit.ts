import { Command } from 'commander';
import { submitRun } from '../../client/submit.ts';
import { connect } from '../../cloud/deployment.ts';
import { createEcsClient, Fleet } from '../../cloud/fleet.ts';
import { currentRegion } from '../../cloud/region.ts';
import { DEFAULT_STACK, findStack, type StackDeployment } from '../../cloud/stack.ts';
import type { RunConfig } from '../../protocol/config.ts';
import { endpointOption, jsonOption } from '../options.ts';
import { note, printJson, printLine } from '../output.ts';
import { createProgress } from '../progress.ts';
import { readRunConfig } from '../readConfig.ts';

interface SubmitOptions {
  readonly stack: string;
  readonly data?: string;
  readonly endpoint?: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  padmm submit examples/quickstart.json
  padmm submit examples/mnist.json --data DIR --stack padmm`;

async function store(deployment: StackDeployment, config: RunConfig, data?: string): Promise<string> {
  const connection = connect(deployment);
  const progress = createProgress(config);
  try {
    const { run } = await submitRun(connection, {
      config,
      ...(data === undefined ? {} : { dataDirectory: data }),
      onProgress: ({ activity, done, total }) => progress.activity(`${activity}: ${done}/${total}`),
    });
    return run;
  } finally {
    progress.end();
    connection.close();
  }
}

/** Wants as many workers as the run has shards, beside those that are wanted already; the watchdog takes over. */
async function wantWorkers(deployment: StackDeployment, shards: number): Promise<void> {
  if (deployment.fleet === null) return note('the deployment has no workers of its own: start them yourself');
  const ecs = createEcsClient(deployment);
  try {
    const fleet = new Fleet(ecs, deployment.fleet);
    const wanted = await fleet.want(Math.max(shards, (await fleet.status()).desired));
    note(`${wanted} workers wanted`);
  } finally {
    ecs.destroy();
  }
}

async function submit(path: string, { stack, data, endpoint, json }: SubmitOptions): Promise<void> {
  const config = await readRunConfig(path);
  const region = await currentRegion();
  const deployment = await findStack(stack, { region, ...(endpoint === undefined ? {} : { endpoint }) });
  const run = await store(deployment, config, data);
  await wantWorkers(deployment, config.shards);
  if (json) printJson({ run, stack, region });
  else printLine(run);
}

/** `padmm submit CONFIG`: submits a run to a deployment, and does not wait for it. */
export const submitCommand = (): Command =>
  new Command('submit')
    .argument('<config>', 'run config, a JSON file')
    .option('--stack <name>', 'name of the CloudFormation stack', DEFAULT_STACK)
    .option('--data <directory>', 'directory that holds the files of the dataset')
    .addOption(endpointOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(submit);
