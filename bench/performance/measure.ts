/** Measures groups of figures, one after the other. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bench, type Outcome, skip } from './figure.ts';
import { type GroupName, groups } from './groups.ts';
import { resultOf } from './judge.ts';
import { describeMachine, describeVersions } from './machine.ts';
import type { Results } from './results.ts';

export interface MeasureOptions extends Pick<Bench, 'quick' | 'repetitions' | 'dataDirectory'> {
  readonly only: readonly GroupName[];
  say(group: GroupName, progress: string): void;
}

async function measureGroup(name: GroupName, options: MeasureOptions): Promise<readonly Outcome[]> {
  const { quick, repetitions, dataDirectory } = options;
  const directory = await mkdtemp(join(tmpdir(), 'padmm-bench-'));
  try {
    const say = (progress: string) => options.say(name, progress);
    say('preparing');
    return await groups[name].measure({ quick, repetitions, dataDirectory, directory, say });
  } catch (error) {
    // Whole benchmarks take an hour: what one group cannot do is told in its place.
    const reason = String(error instanceof Error ? error.stack : error);
    return skip(groups[name].kinds, reason).map((figure) => ({ ...figure, failed: true }));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Gives all results so far after each group. */
export async function* measure(options: MeasureOptions): AsyncGenerator<Results> {
  const { quick, repetitions, only } = options;
  const measuredAt = new Date().toISOString();
  const machine = describeMachine();
  const outcomes: Outcome[] = [];
  for (const name of only) {
    outcomes.push(...(await measureGroup(name, options)));
    const figures = outcomes.map((outcome) => resultOf(outcome, !quick));
    yield { schema: 1, measuredAt, quick, repetitions, machine, versions: describeVersions(), figures };
  }
}
