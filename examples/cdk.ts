/**
 * A deployment beside other resources of a CDK app. `npm run example examples/cdk.ts` writes the CloudFormation template to
 * `cdk.out`; `npx cdk deploy --app "node --conditions=padmm-source examples/cdk.ts"` deploys it.
 */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { PadmmTraining } from 'padmm/cdk';

const app = new App();
const stack = new Stack(app, 'Speech');
const training = new PadmmTraining(stack, 'Training', { compute: 'cpu', maxWorkers: 8 });
new CfnOutput(stack, 'Notices', { value: training.topic.topicArn });
app.synth();
