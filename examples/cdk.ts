/**
 * A deployment beside other resources of a CDK app. `npm run example examples/cdk.ts` writes the CloudFormation template to
 * `cdk.out`; `npx cdk deploy --app "node --conditions=padmm-source examples/cdk.ts"` deploys it.
 */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { PadmmTraining } from 'padmm/cdk';

// The CDK's command line says where the template goes; by itself a program writes it beside where it is run.
const app = new App({ outdir: process.env.CDK_OUTDIR ?? 'cdk.out' });
const stack = new Stack(app, 'Speech');
const training = new PadmmTraining(stack, 'Training', { compute: 'cpu', maxWorkers: 8 });
new CfnOutput(stack, 'Notices', { value: training.topic.topicArn });
app.synth();
