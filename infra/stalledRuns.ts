import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { STALLED_MESSAGE } from '../lib/coordinator/patrol.ts';

export interface StalledRunsProps {
  /** Log group of the watchdog. */
  readonly logGroup: logs.ILogGroup;
  /** Sets the metric of one deployment apart from another's. */
  readonly namespace: string;
}

/** Counts what the watchdog says of stalled runs: a metric drawn from its log, which costs no call. */
export class StalledRuns extends Construct {
  readonly metric: cloudwatch.Metric;

  constructor(scope: Construct, id: string, { logGroup, namespace }: StalledRunsProps) {
    super(scope, id);
    const filter = new logs.MetricFilter(this, 'Filter', {
      logGroup,
      metricNamespace: namespace,
      metricName: 'StalledRuns',
      filterPattern: logs.FilterPattern.stringValue('$.message', '=', STALLED_MESSAGE),
      metricValue: '1',
    });
    this.metric = filter.metric({ statistic: cloudwatch.Stats.SUM, period: Duration.minutes(1) });
  }
}
