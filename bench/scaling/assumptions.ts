/**
 * What one round costs in time and money outside the mathematics. Prices: AWS price lists of us-east-1, 2026. Latencies:
 * medians that AWS documents or that its users commonly measure; a deployment that has measured its own puts them here.
 */
export const assumptions = {
  /** S3: first byte of a GET, and a small PUT. */
  getSeconds: 0.03,
  putSeconds: 0.04,
  /** Bytes a second between S3 and one function (assumed at submission, too), and one worker. */
  functionBytesPerSecond: 75e6,
  workerBytesPerSecond: 300e6,
  /** Objects that a fold reads side by side, as lib/coordinator/averages.ts does. */
  readAhead: 8,
  /** SQS: from a send to the long poll that gets the message, and one request to send ten. */
  deliverySeconds: 0.02,
  sendSeconds: 0.015,
  /** `sendBatches`: requests in flight. */
  parallelSends: 8,
  /** Lambda: from the end of one invocation of a FIFO group to the begin of the next. */
  invocationSeconds: 0.03,
  /** AWS Lambda and Amazon SQS: records of a FIFO batch. */
  batchRecords: 10,
  /** Longest invocation. */
  functionSeconds: 900,
  prices: {
    lambdaGigabyteSecondUsd: 0.0000133334,
    lambdaRequestUsd: 2e-7,
    functionGigabytes: 2,
    s3PutUsd: 5e-6,
    s3GetUsd: 4e-7,
    sqsRequestUsd: 4e-7,
    sqsFifoRequestUsd: 5e-7,
  },
} as const;
