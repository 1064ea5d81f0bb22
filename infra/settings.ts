/** What a deployment can be told: props of `PadmmTraining` in code, context of `cdk deploy` in a shell. */
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { parseS3Uri, S3_URI_FORM } from '../lib/cloud/s3Uri.ts';
import { parseEcrImage } from './ecrImage.ts';

/** Retention that CloudWatch Logs knows, in days. */
const RETENTION_DAYS: readonly number[] = Object.values(RetentionDays).filter(
  (value) => typeof value === 'number' && value < RetentionDays.INFINITE,
) as number[];

/** A list as a shell gives it, with commas, or as code does. */
const list = <S extends z.ZodType>(element: S) =>
  z.preprocess((value) => (typeof value === 'string' ? value.split(',') : value), z.array(element));

const image = z
  .string()
  .regex(
    /^(build|local|[\w.-]+(:\d+)?(\/[\w.-]+)+(:[\w.-]+|@sha256:[0-9a-f]{64}))$/,
    'expected "build", "local", or the URI of an image with its tag or digest',
  );

/** Every setting with its unit, bounds and default. Numbers may come as text, as they do from a shell. */
const fields = z.strictObject({
  compute: z
    .enum(['gpu', 'cpu', 'none'])
    .default('gpu')
    .describe('Workers: ECS on GPU instances, on Fargate, or none, where they run on machines of your own.'),
  maxWorkers: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(2)
    .describe('Most workers at once, each a task of its own; what a run may cost an hour is proportional.'),
  instanceTypes: list(
    z.string().regex(/^[a-z0-9-]+\.[a-z0-9]+$/, 'expected an instance type such as g4dn.xlarge'),
  )
    .refine((types) => types.length >= 1 && types.length <= 40, 'expected 1 to 40 instance types')
    .default(['g4dn.xlarge', 'g5.xlarge', 'g6.xlarge'])
    .describe('GPU instances that may be taken, the cheapest first; more of them find Spot capacity sooner.'),
  onDemandPercent: z.coerce
    .number()
    .int()
    .min(0)
    .max(100)
    .default(0)
    .describe('Part of the workers that is not on Spot, in percent.'),
  cpu: z.coerce
    .number()
    .pipe(z.literal([1024, 2048, 4096, 8192, 16_384]))
    .default(2048)
    .describe('CPU units of a Fargate worker, 1,024 a vCPU; its memory is two GiB a vCPU.'),
  threads: z.coerce.number().int().min(1).max(256).default(1).describe('Threads a worker computes with.'),
  workerImage: image
    .default('build')
    .describe('build: CodeBuild makes it from this source; local: Docker here makes it; else its URI.'),
  network: z
    .enum(['public', 'private'])
    .default('public')
    .describe(
      'public: nothing that costs idle, no inbound rules; private: interface endpoints, paid by the hour.',
    ),
  coordinatorMemoryMiB: z.coerce
    .number()
    .int()
    .min(256)
    .max(10_240)
    .default(2048)
    .describe('Memory of the coordinator: bounds the size of a model.'),
  coordinatorTimeoutSeconds: z.coerce
    .number()
    .int()
    .min(3)
    .max(900)
    .default(60)
    .describe('Longest invocation; after a crash a run stands still for one and a half times as long.'),
  coordinatorConcurrency: z.coerce
    .number()
    .int()
    .min(2)
    .max(1000)
    .default(10)
    .describe('Runs that are coordinated at once; Lambda asks for at least 2.'),
  logRetentionDays: z.coerce
    .number()
    .refine((days) => RETENTION_DAYS.includes(days), `expected one of ${RETENTION_DAYS.join(', ')}`)
    .default(30)
    .describe('How long logs are kept, in days.'),
  monthlyBudgetUsd: z.coerce
    .number()
    .positive()
    .default(100)
    .describe('A message is sent at 80 % of it, and when the month is forecast to pass it.'),
  alarmEmail: z.email().optional().describe('Takes the messages of alarms, budget and ended builds.'),
  dataUris: list(
    z.string().refine((uri) => parseS3Uri(uri) !== null, `expected ${S3_URI_FORM}, without wildcards`),
  )
    .default([])
    .describe('Folders of S3 that those who submit runs may read data from: padmm submit --data s3://….'),
  retainData: z
    .preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean())
    .default(true)
    .describe('Whether bucket and objects stay when the stack is destroyed.'),
});

/** Names of the settings. */
export const SETTING_NAMES: readonly string[] = Object.keys(fields.shape);

/** A private network has a way to ECR and to no other registry. */
export const settingsSchema = fields.refine(
  ({ compute, network, workerImage }) =>
    compute === 'none' ||
    network === 'public' ||
    ['build', 'local'].includes(workerImage) ||
    parseEcrImage(workerImage) !== null,
  {
    path: ['workerImage'],
    message:
      'expected "build", "local", or an image in ECR, the only registry that a private network reaches',
  },
);

/** Settings as they are written: all have a default, or may be left out. */
export type SettingsInput = z.input<typeof settingsSchema>;
export type Settings = z.output<typeof settingsSchema>;
