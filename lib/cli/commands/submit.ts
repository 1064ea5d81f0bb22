import { Command } from 'commander';
import {
  addStackOptions,
  type BandwidthOptions,
  bandwidthOption,
  dataOption,
  jsonOption,
} from '../options.ts';
import { note, printJson, printLine } from '../output.ts';
import type { PlaceOptions } from '../place.ts';
import { readRunConfig } from '../readConfig.ts';

interface SubmitOptions extends Omit<PlaceOptions, 'dir'>, BandwidthOptions {
  readonly data?: string;
  readonly json?: true;
}

const EXAMPLES = `
Without --stack and PADMM_STACK the stack is named padmm.

Examples:
  padmm submit examples/quickstart.json
  padmm submit examples/mnist.json --data DIR --stack padmm --region eu-west-1`;

async function submit(path: string, options: SubmitOptions): Promise<void> {
  const config = await readRunConfig(path);
  const { submitToStack } = await import('../submitToStack.ts');
  const { run, deployment } = await submitToStack(config, options);
  const { stack, region } = deployment;
  if (options.json) return printJson({ run, stack, region });
  printLine(run);
  note(`see it with: padmm watch ${run} --stack ${stack}`);
}

/** `padmm submit CONFIG`: submits a run to a deployment, and does not wait for it. */
export const submitCommand = (): Command =>
  addStackOptions(
    new Command('submit').argument('<config>', 'run config, a JSON file').addOption(dataOption()),
  )
    .addOption(bandwidthOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(submit);
