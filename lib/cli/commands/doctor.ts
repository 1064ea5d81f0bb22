import { styleText } from 'node:util';
import { Command } from 'commander';
import { EnvironmentError } from '../../errors.ts';
import { checkBrowser } from '../environment/browser.ts';
import type { Check, CheckStatus } from '../environment/check.ts';
import { checkDirectory, checkDisk, checkLoopback } from '../environment/machine.ts';
import { checkNode, checkPackages } from '../environment/runtime.ts';
import { checkBackends } from '../environment/tfjs.ts';
import { addPlaceOptions, jsonOption } from '../options.ts';
import { printJson, printLine } from '../output.ts';
import { chosenDirectory, chosenStack, type PlaceOptions } from '../place.ts';

const EXAMPLES = `
With --stack it checks a deployment and the account around it: credentials, CDK bootstrap, the stack's version, worker
image, workers, GPU quota, instance types and dead letters.

Examples:
  padmm doctor
  padmm doctor --json | jq '.checks[] | select(.status != "ok")'
  padmm doctor --stack padmm --region eu-west-1`;

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const satisfies Record<CheckStatus, string>;
const STATUS_WIDTH = 4;

async function runChecks(options: PlaceOptions): Promise<readonly Check[]> {
  const stack = chosenStack(options);
  if (stack !== null) {
    const { checkDeployment } = await import('../environment/deployment.ts');
    return checkDeployment(stack, options);
  }
  const directory = chosenDirectory(options);
  return [
    await checkNode(),
    await checkPackages(),
    ...(await checkBackends()),
    await checkDirectory(directory),
    await checkDisk(directory),
    await checkLoopback(),
    checkBrowser(),
  ];
}

function printChecks(checks: readonly Check[]): void {
  const nameWidth = Math.max(...checks.map((check) => check.name.length));
  for (const { name, status, found, remedy } of checks) {
    const mark = styleText(COLOURS[status], status.padEnd(STATUS_WIDTH), { stream: process.stdout });
    printLine(`${mark}  ${name.padEnd(nameWidth)}  ${found}`);
    if (remedy !== null) printLine(`${' '.repeat(STATUS_WIDTH + nameWidth + 4)}→ ${remedy}`);
  }
}

/** `padmm doctor`: whether this machine, or a deployment, has what a run needs. @throws EnvironmentError where it has not. */
export const doctorCommand = (): Command =>
  addPlaceOptions(new Command('doctor'))
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: PlaceOptions & { readonly json?: true }) => {
      const checks = await runChecks(options);
      const failed = checks.filter((check) => check.status === 'fail').map((check) => check.name);
      if (options.json) printJson({ ready: failed.length === 0, checks });
      else printChecks(checks);
      if (failed.length > 0) throw new EnvironmentError(`not ready: ${failed.join(', ')}`);
    });
