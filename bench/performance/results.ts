/** The JSON of one run of the benchmark. */
import { readFile, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { describeMismatches, UsageError } from '../../lib/errors.ts';
import { mismatchesOf } from '../../lib/protocol/validate.ts';

const verdict = z.enum(['yes', 'no', 'unclear']).nullable();
const numbers = z.array(z.number());

export const resultsSchema = z.strictObject({
  schema: z.literal(1),
  measuredAt: z.iso.datetime(),
  quick: z.boolean(),
  repetitions: z.int().min(1),
  machine: z.strictObject({
    processor: z.string(),
    cores: z.int(),
    memoryGiB: z.number(),
    platform: z.string(),
    loadAverage: z.number(),
  }),
  versions: z.record(z.string(), z.string()),
  figures: z.array(
    z.strictObject({
      figure: z.string(),
      title: z.string(),
      unit: z.enum(['×', '%', 'ms']),
      better: z.enum(['higher', 'lower']),
      must: z.number().nullable(),
      aim: z.number().nullable(),
      ratio: z.number().nullable(),
      interval: z.strictObject({ low: z.number(), high: z.number() }).nullable(),
      holds: verdict,
      reachesAim: verdict,
      values: numbers,
      medians: z.record(z.string(), z.number()),
      raw: z.record(z.string(), numbers),
      skipped: z.string().nullable(),
      failed: z.boolean(),
    }),
  ),
});

/** What one run of the benchmark measured. */
export type Results = z.output<typeof resultsSchema>;
export type FigureResult = Results['figures'][number];

export const writeResults = (path: string, results: Results): Promise<void> =>
  writeFile(path, `${JSON.stringify(results, undefined, 2)}\n`);

/** @throws UsageError where the file cannot be read or is not what the benchmark writes. */
export async function readResults(path: string): Promise<Results> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path}: expected the JSON of an earlier run, received ${error}`);
  }
  const parsed = resultsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UsageError(describeMismatches(path, mismatchesOf(parsed.error, value)));
}
