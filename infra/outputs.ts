import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { STACK_OUTPUTS, type StackOutput } from '../lib/cloud/stackOutputs.ts';

/** Writes the outputs by which `padmm` finds the deployment; what a deployment has not is left out. */
export function writeOutputs(scope: Construct, values: Readonly<Partial<Record<StackOutput, string>>>): void {
  for (const [output, value] of Object.entries(values) as [StackOutput, string][]) {
    const written = new CfnOutput(scope, output, { value, description: STACK_OUTPUTS[output] });
    // The same name wherever the construct stands in its app.
    written.overrideLogicalId(output);
  }
}
