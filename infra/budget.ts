import * as budgets from 'aws-cdk-lib/aws-budgets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface BudgetProps {
  readonly monthlyUsd: number;
  /** Value of the tag `padmm` that everything of the deployment carries. */
  readonly tag: string;
  readonly topic: sns.ITopic;
}

const ACTUAL_PERCENT = 80;
const FORECAST_PERCENT = 100;

/** A budget over what carries the deployment's tag. It tells; it ends nothing: limits of a run do that. */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, { monthlyUsd, tag, topic }: BudgetProps) {
    super(scope, id);
    const tell = (notificationType: string, threshold: number) => ({
      notification: {
        notificationType,
        comparisonOperator: 'GREATER_THAN',
        threshold,
        thresholdType: 'PERCENTAGE',
      },
      subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
    });
    const budget = new budgets.CfnBudget(this, 'Monthly', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthlyUsd, unit: 'USD' },
        // "user:" marks tags of users (AWS Budgets API Reference, CostFilters).
        costFilters: { TagKeyValue: [`user:padmm$${tag}`] },
      },
      notificationsWithSubscribers: [tell('ACTUAL', ACTUAL_PERCENT), tell('FORECASTED', FORECAST_PERCENT)],
    });
    // A budget is refused whose topic it may not publish to.
    budget.node.addDependency(topic);
  }
}
