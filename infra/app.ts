/**
 * The CDK app of this project: `npx cdk deploy`, with settings as context, `-c compute=cpu -c maxWorkers=4`. The stack
 * is named by `-c stack=NAME`, so that an account may have several.
 */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { PadmmError } from '../lib/errors.ts';
import { contextSettings } from './contextSettings.ts';
import { PadmmStack } from './stack.ts';

const DEFAULT_STACK = 'padmm';

try {
  const app = new App();
  const { node } = app;
  const boundary = node.tryGetContext('permissionsBoundary') as string | undefined;
  new PadmmStack(app, node.tryGetContext('stack') ?? DEFAULT_STACK, {
    description: 'padmm: training of recurrent networks by parallel ADMM',
    settings: contextSettings(node),
    ...(boundary === undefined ? {} : { permissionsBoundaryName: boundary }),
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
} catch (error) {
  if (!(error instanceof PadmmError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
