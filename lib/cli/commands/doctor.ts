import { styleText } from 'node:util';
import { Command } from 'commander';
import { EnvironmentError } from '../../errors.ts';
import { checkBrowser } from '../environment/browser.ts';
import type { Check, CheckStatus } from '../environment/check.ts';
import { checkDirectory, checkDisk, checkLoopback } from '../environment/machine.ts';
import { checkNode, checkPackages } from '../environment/runtime.ts';
import { checkBackends } from '../environment/tfjs.ts';
import { directoryOption, jsonOption } from '../options.ts';
import { printJson, printLine } from '../output.ts';

const EXAMPLES = `
Examples:
  padmm doctor
  padmm doctor --json | jq '.checks[] | select(.status != "ok")'`;

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const satisfies Record<CheckStatus, string>;
const STATUS_WIDTH = 4;

async function runChecks(directory: string): Promise<readonly Check[]> {
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

/** `padmm doctor`: whether this machine has what a run needs. @throws EnvironmentError where it has not. */
export const doctorCommand = (): Command =>
  new Command('doctor')
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async ({ dir, json }: { dir: string; json?: boolean }) => {
      const checks = await runChecks(dir);
      const failed = checks.filter((check) => check.status === 'fail').map((check) => check.name);
      if (json === true) printJson({ ready: failed.length === 0, checks });
      else printChecks(checks);
      if (failed.length > 0) throw new EnvironmentError(`not ready: ${failed.join(', ')}`);
    });
