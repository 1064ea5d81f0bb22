import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Coordinator } from './coordinator.ts';
import type { Queues } from './queues.ts';
import type { StalledRuns } from './stalledRuns.ts';
import type { Watchdog } from './watchdog.ts';

export interface MonitoringProps {
  readonly topic: sns.ITopic;
  readonly queues: Queues;
  readonly coordinator: Coordinator;
  readonly watchdog: Watchdog;
  readonly stalledRuns: StalledRuns;
}

const PERIOD = Duration.minutes(1);
/** Results that wait longer than this are not taken in: the coordinator fails, or is throttled. */
const RESULTS_AGE_LIMIT = Duration.minutes(10);
/** The watchdog's one missed minute is nothing; this many in a row are. */
const MISSED_MINUTES = 5;

/** Alarms, each with its runbook in docs/DEPLOY.md under the alarm's name, and a dashboard. */
export class Monitoring extends Construct {
  readonly alarms: readonly cloudwatch.Alarm[];
  readonly #topic: sns.ITopic;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { queues, coordinator, watchdog, stalledRuns } = props;
    this.#topic = props.topic;
    const latest = { period: PERIOD, statistic: cloudwatch.Stats.MAXIMUM };
    const sum = { period: PERIOD, statistic: cloudwatch.Stats.SUM };
    this.alarms = [
      this.#alarm('DeadTasks', queues.deadTasks.metricApproximateNumberOfMessagesVisible(latest), 1, {
        description: 'A task was received ten times and never answered.',
      }),
      this.#alarm('DeadResults', queues.deadResults.metricApproximateNumberOfMessagesVisible(latest), 1, {
        description: 'A result was delivered ten times and never taken in.',
      }),
      this.#alarm('DeadFolds', queues.deadFolds.metricApproximateNumberOfMessagesVisible(latest), 1, {
        description: 'A block of a fold was asked for ten times and not formed.',
      }),
      this.#alarm('CoordinatorErrors', coordinator.function.metricErrors(sum), 1, {
        description: 'An invocation of the coordinator failed.',
        minutes: 3,
      }),
      this.#alarm(
        'OldResults',
        queues.results.metricApproximateAgeOfOldestMessage(latest),
        RESULTS_AGE_LIMIT.toSeconds(),
        { description: 'Results wait and are not taken in.' },
      ),
      this.#alarm('WatchdogErrors', watchdog.function.metricErrors(sum), 1, {
        description: 'The watchdog failed minute after minute.',
        minutes: MISSED_MINUTES,
      }),
      this.#alarm('StalledRuns', stalledRuns.metric, 1, { description: 'A run makes no progress.' }),
    ];
    this.#dashboard(props);
  }

  #alarm(
    id: string,
    metric: cloudwatch.IMetric,
    threshold: number,
    { description, minutes = 1 }: { readonly description: string; readonly minutes?: number },
  ): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, {
      alarmName: this.#nameOf(id),
      metric,
      threshold,
      evaluationPeriods: minutes,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      alarmDescription: `${description} What to do: docs/DEPLOY.md, ${id}.`,
    });
    alarm.addAlarmAction(new actions.SnsAction(this.#topic));
    return alarm;
  }

  /** As mails and the runbook call it. */
  #nameOf(id: string): string {
    return `${Stack.of(this).stackName}-${id}`;
  }

  /** The alarms by their names. */
  #alarmRows(): cloudwatch.IAlarm[] {
    return this.alarms.map(({ node }) => {
      const resourceName = this.#nameOf(node.id);
      const parts = { service: 'cloudwatch', resource: 'alarm', resourceName };
      const arn = Stack.of(this).formatArn({ ...parts, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
      return cloudwatch.Alarm.fromAlarmArn(this, `${node.id}Row`, arn);
    });
  }

  #dashboard({ queues, coordinator, watchdog, stalledRuns }: MonitoringProps): void {
    const graph = (title: string, ...left: cloudwatch.IMetric[]) =>
      new cloudwatch.GraphWidget({ title, left, width: 12 });
    const { tasks, results, deadTasks, deadResults, deadFolds } = queues;
    new cloudwatch.Dashboard(this, 'Dashboard', {
      widgets: [
        [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: this.#alarmRows(), width: 24 })],
        [
          graph(
            'Tasks: waiting and being solved',
            tasks.metricApproximateNumberOfMessagesVisible(),
            tasks.metricApproximateNumberOfMessagesNotVisible(),
          ),
          graph('Age of the oldest result (s)', results.metricApproximateAgeOfOldestMessage()),
        ],
        [
          graph(
            'Coordinator: invocations and errors',
            coordinator.function.metricInvocations(),
            coordinator.function.metricErrors(),
            coordinator.function.metricThrottles(),
          ),
          graph('Coordinator: duration (ms)', coordinator.function.metricDuration()),
        ],
        [
          graph('Watchdog: stalled runs and errors', stalledRuns.metric, watchdog.function.metricErrors()),
          graph(
            'Dead letters',
            deadTasks.metricApproximateNumberOfMessagesVisible(),
            deadResults.metricApproximateNumberOfMessagesVisible(),
            deadFolds.metricApproximateNumberOfMessagesVisible(),
          ),
        ],
      ],
    });
  }
}
