/** Measures groups of figures, one after the other. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bench, type FigureGroup, type Outcome, skip } from './figure.ts';
import { resultOf } from './judge.ts';
import { describeMachine, describeVersions } from './machine.ts';
import type { Results } from './results.ts';

export interface MeasureOptions<Name extends string>
  extends Pick<Bench, 'quick' | 'repetitions' | 'dataDirectory'> {
  readonly only: readonly Name[];
  say(group: Name, progress: string): void;
}

async function measureGroup<Name extends string>(
  name: Name,
  group: FigureGroup,
  options: MeasureOptions<Name>,
): Promise<readonly Outcome[]> {
  const { quick, repetitions, dataDirectory } = options;
  const directory = await mkdtemp(join(tmpdir(), 'padmm-bench-'));
  try {
    const say = (progress: string) => options.say(name, progress);
    say('preparing');
    return await group.measure({ quick, repetitions, dataDirectory, directory, say });
  } catch (error) {
    // Whole benchmarks take an hour: what one group cannot do is told in its place.
    const reason = String(error instanceof Error ? error.stack : error);
    return skip(group.kinds, reason).map((figure) => ({ ...figure, failed: true }));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Gives all results so far after each group. */
export async function* measureGroups<Name extends string>(
  groups: Readonly<Record<Name, FigureGroup>>,
  options: MeasureOptions<Name>,
): AsyncGenerator<Results> {
  const { quick, repetitions, only } = options;
  const measuredAt = new Date().toISOString();
  const machine = describeMachine();
  const outcomes: Outcome[] = [];
  for (const name of only) {
    outcomes.push(...(await measureGroup(name, groups[name], options)));
    const figures = outcomes.map((outcome) => resultOf(outcome, !quick));
    yield { schema: 1, measuredAt, quick, repetitions, machine, versions: describeVersions(), figures };
  }
}
