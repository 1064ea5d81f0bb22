/**
 * List prices of some regions. The figures are those of AWS's Price List (Price List Bulk API) and of AWS's pricing pages
 * as others quote them; this project has not read the list itself. g4dn.xlarge stands for GPU workers.
 */
import { ConfigError } from '../errors.ts';
import { parseInput } from '../protocol/validate.ts';
import { type Prices, pricesSchema } from './prices.ts';

/** Equal in the regions below (AWS Lambda and Amazon SQS price lists of 2026). */
const SHARED = {
  lambdaGigabyteSecondUsd: 0.0000133334,
  lambdaRequestUsd: 2e-7,
  sqsRequestUsd: 4e-7,
  sqsFifoRequestUsd: 5e-7,
} as const;

/** Where AWS asks least; Amazon S3 and AWS Fargate ask the same in three of the regions. */
const LOWEST = {
  ...SHARED,
  fargateVcpuHourUsd: 0.04048,
  fargateGigabyteHourUsd: 0.004445,
  s3PutUsd: 5e-6,
  s3GetUsd: 4e-7,
  s3GigabyteMonthUsd: 0.023,
} as const;

const LIST = 'AWS Price List, as quoted in public';

export const LIST_PRICES: Prices = {
  ...{ region: 'us-east-1', asOf: '2026-09', source: `${LIST}; EC2 effective 2026-09-01` },
  ...LOWEST,
  gpuWorkerHourUsd: 0.526,
};

const TABLE: readonly Prices[] = [
  LIST_PRICES,
  {
    ...{ region: 'us-west-2', asOf: '2026', source: `${LIST}; EC2 by instances.vantage.sh` },
    ...LOWEST,
    gpuWorkerHourUsd: 0.526,
  },
  {
    ...{ region: 'eu-west-1', asOf: '2026', source: `${LIST}; EC2 by instances.vantage.sh` },
    ...LOWEST,
    gpuWorkerHourUsd: 0.587,
  },
  {
    ...{ region: 'eu-central-1', asOf: '2026' },
    source: `${LIST}; Fargate effective 2026-07-07, S3 published 2026-09-28, EC2 by instances.vantage.sh`,
    ...SHARED,
    gpuWorkerHourUsd: 0.658,
    fargateVcpuHourUsd: 0.04656,
    fargateGigabyteHourUsd: 0.00511,
    s3PutUsd: 5.4e-6,
    s3GetUsd: 4.3e-7,
    s3GigabyteMonthUsd: 0.0245,
  },
];

/** Regions with list prices. */
export const PRICED_REGIONS: readonly string[] = TABLE.map(({ region }) => region);

/**
 * The prices of a region: from the table, with those that a person gives in their place.
 *
 * @param region us-east-1 where neither this nor the given prices name one.
 * @param given what a file of prices holds: any of the fields; for a region that is not in the table, all of them.
 * @param subject what the given prices are called in messages.
 * @throws ConfigError naming every field that is wrong, or the region that is not in the table.
 */
export function pricesOf(region: string | undefined, given: unknown = {}, subject = 'prices'): Prices {
  const changes = parseInput(pricesSchema.partial(), given, subject);
  const wanted = region ?? changes.region ?? LIST_PRICES.region;
  const listed = TABLE.find((row) => row.region === wanted);
  const set = Object.entries(changes).filter(([, value]) => value !== undefined);
  const prices = { ...listed, ...Object.fromEntries(set), region: wanted };
  const complete = pricesSchema.safeParse(prices);
  if (complete.success) return complete.data;
  const missing = Object.keys(pricesSchema.shape).filter((name) => !(name in prices));
  throw new ConfigError(subject, [
    {
      field: 'region',
      expected: `one with list prices (${PRICED_REGIONS.join(', ')}), or a file with ${missing.join(', ')}, by --prices FILE`,
      received: wanted,
    },
  ]);
}
