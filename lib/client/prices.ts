/**
 * What AWS charges, as far as a run depends on it. Prices change and differ from region to region: priceTable.ts says
 * where and when each comes from, and a file of one's own takes the place of any of them.
 */
import * as z from 'zod';

const usd = z.number().min(0);

export const pricesSchema = z.strictObject({
  region: z.string().min(1).describe('AWS region that the prices are of.'),
  asOf: z
    .string()
    .regex(/^\d{4}(-\d{2})?$/)
    .describe('Year, or year and month, in which they were looked up.'),
  source: z.string().min(1).describe('Where they were looked up.'),
  gpuWorkerHourUsd: usd.describe('A GPU instance, on demand; Spot takes what the market asks, at most this.'),
  fargateVcpuHourUsd: usd.describe('A vCPU of Fargate, Linux on x86, on demand.'),
  fargateGigabyteHourUsd: usd.describe('A GB of memory of Fargate.'),
  lambdaGigabyteSecondUsd: usd.describe('Lambda on ARM.'),
  lambdaRequestUsd: usd,
  s3PutUsd: usd.describe('A PUT, COPY or LIST.'),
  s3GetUsd: usd,
  s3GigabyteMonthUsd: usd,
  sqsRequestUsd: usd.describe('A request to a standard queue.'),
  sqsFifoRequestUsd: usd.describe('A request to a FIFO queue.'),
});
export type Prices = z.output<typeof pricesSchema>;

/** Memory of a Fargate worker for each vCPU, as the stack sets it. */
const FARGATE_GIGABYTES_A_VCPU = 2;

/** An hour of one worker. @param vcpus of a Fargate worker; a GPU instance where null. */
export function workerHourUsd(prices: Prices, vcpus: number | null): number {
  if (vcpus === null) return prices.gpuWorkerHourUsd;
  return vcpus * (prices.fargateVcpuHourUsd + FARGATE_GIGABYTES_A_VCPU * prices.fargateGigabyteHourUsd);
}

/** What one task takes of every service, the coordinator's share of a batch of ten included. */
const PER_TASK = {
  /** z̃, contribution and anchor of the dual at the worker; the contribution at the coordinator. */
  gets: 4,
  /** Lease and contribution; the state and z in shares. */
  puts: 2.3,
  /** Tasks: a tenth of a batch sent, a receive, an extension, an acknowledgement. */
  sqsRequests: 3.1,
  /** Results: a send, and a tenth of a batch received and deleted. */
  sqsFifoRequests: 1.2,
  lambdaRequests: 0.1,
} as const;

/** Requests to S3, SQS and Lambda for one task. @param lambdaGigabyteSeconds that the task takes of the coordinator. */
export function taskRequestsUsd(prices: Prices, lambdaGigabyteSeconds: number): number {
  return (
    PER_TASK.gets * prices.s3GetUsd +
    PER_TASK.puts * prices.s3PutUsd +
    PER_TASK.sqsRequests * prices.sqsRequestUsd +
    PER_TASK.sqsFifoRequests * prices.sqsFifoRequestUsd +
    PER_TASK.lambdaRequests * prices.lambdaRequestUsd +
    lambdaGigabyteSeconds * prices.lambdaGigabyteSecondUsd
  );
}
