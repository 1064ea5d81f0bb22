/**
 * The CDK app of this project: `npx cdk deploy`, with settings as context, `-c compute=cpu -c maxWorkers=4`. The stack
 * is named by `-c stack=NAME`, so that an account may have several.
 */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigError, PadmmError } from '../lib/errors.ts';
import { parseInput } from '../lib/protocol/validate.ts';
import { contextSettings } from './contextSettings.ts';
import { requireOffered } from './instanceOfferings.ts';
import { type SettingsInput, settingsSchema } from './settings.ts';
import { PadmmStack } from './stack.ts';

const DEFAULT_STACK = 'padmm';
const REMEDY =
  'Nothing was deployed. Settings are given as: npx cdk deploy -c NAME=VALUE; infra/settings.ts has them all.';

const NO_CREDENTIALS =
  'No AWS credentials are here: enough to synthesise; to deploy, run aws sso login, or set AWS_PROFILE or keys.\n';

/** The CDK tells the account and region only where it has credentials; without, a synthesis needs no network. */
async function checkInstanceTypes(input: SettingsInput): Promise<void> {
  const { compute, instanceTypes } = parseInput(settingsSchema, input, 'deployment');
  const { CDK_DEFAULT_ACCOUNT, CDK_DEFAULT_REGION } = process.env;
  if (!CDK_DEFAULT_ACCOUNT) process.stderr.write(NO_CREDENTIALS);
  if (compute !== 'gpu' || !CDK_DEFAULT_ACCOUNT || !CDK_DEFAULT_REGION) return;
  try {
    await requireOffered(CDK_DEFAULT_REGION, instanceTypes);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    process.stderr.write(`whether ${CDK_DEFAULT_REGION} offers ${instanceTypes} is not known: ${error}\n`);
  }
}

try {
  const app = new App();
  const { node } = app;
  const boundary = node.tryGetContext('permissionsBoundary') as string | undefined;
  const settings = contextSettings(node);
  await checkInstanceTypes(settings);
  new PadmmStack(app, node.tryGetContext('stack') ?? DEFAULT_STACK, {
    description: 'padmm: training of recurrent networks by parallel ADMM',
    settings,
    ...(boundary === undefined ? {} : { permissionsBoundaryName: boundary }),
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
} catch (error) {
  if (!(error instanceof PadmmError)) throw error;
  process.stderr.write(`${error.message}\n${REMEDY}\n`);
  process.exitCode = error.exitCode;
}
