/**
 * The deployment as a construct for CDK apps of others: `new PadmmTraining(this, 'Training', { compute: 'cpu' })`, one in
 * a stack. aws-cdk-lib, constructs and esbuild, which bundles the functions, are the app's own.
 */
export { type SettingsInput, settingsSchema } from './settings.ts';
export { PadmmStack, type PadmmStackProps } from './stack.ts';
export { PadmmTraining, type PadmmTrainingProps } from './training.ts';
