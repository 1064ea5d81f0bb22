/** The stack synthesised in this process, offline; its functions are bundled where a test asks for that. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { z } from 'zod';
import type { SettingsInput } from '../../infra/settings.ts';
import { PadmmStack } from '../../infra/stack.ts';

const contextOf = z.object({ context: z.record(z.string(), z.unknown()) });
const { context } = contextOf.parse(
  JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')),
);

/** An app with the context of cdk.json, as the command line gives it. */
export function newApp(extra: Readonly<Record<string, unknown>> = {}, outdir?: string): App {
  return new App({
    context: { ...context, 'aws:cdk:bundling-stacks': [], ...extra },
    ...(outdir === undefined ? {} : { outdir }),
  });
}

/** The template with these settings. */
export function templateOf(settings: SettingsInput = {}): Template {
  return Template.fromStack(new PadmmStack(newApp(), 'padmm', { settings }));
}

/**
 * Synthesises the stack under cdk-nag's AwsSolutions pack; `extend` may add to it.
 *
 * @throws with every finding that nobody acknowledged.
 */
export function checkSolutions(
  settings: SettingsInput,
  extend: (stack: PadmmStack) => void = () => {},
): void {
  const outdir = mkdtempSync(join(tmpdir(), 'padmm-nag-'));
  const { exitCode } = process;
  try {
    const app = newApp({}, outdir);
    extend(new PadmmStack(app, 'padmm', { settings }));
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    app.synth();
  } finally {
    // The library also sets how the process ends where something is found; here the exception tells.
    process.exitCode = exitCode;
    rmSync(outdir, { recursive: true });
  }
}
