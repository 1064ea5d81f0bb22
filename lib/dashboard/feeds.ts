/** What the pages are told, as events: each is sent when it says something new. */
import pLimit, { type LimitFunction } from 'p-limit';
import { readRefusedResults } from '../client/refusedResults.ts';
import { configDifferences } from '../observe/differences.ts';
import { LiveRun, newestView, type RunLook } from '../observe/liveRun.ts';
import type { AxisName } from '../observe/report/axis.ts';
import type { Chart } from '../observe/report/chart.ts';
import { comparisonCharts } from '../observe/report/comparison.ts';
import { runCharts } from '../observe/report/runCharts.ts';
import { makeTimeline } from '../observe/report/timeline.ts';
import { listRuns, runRow } from '../observe/runList.ts';
import { updateCharts } from './chartPatches.ts';
import { runPicture } from './runPicture.ts';
import type { OpenRuns, RunSource } from './source.ts';
import { type Looked, watch } from './watch.ts';

/** One server-sent event. */
export interface FeedEvent {
  readonly event: string;
  readonly data: unknown;
}

/** Runs that were looked at, remembered for as long as the dashboard runs: a reload reads nothing again. */
export class Feeds {
  readonly #source: RunSource;
  readonly #runs = new Map<string, { readonly live: LiveRun; readonly oneByOne: LimitFunction }>();

  constructor(source: RunSource) {
    this.#source = source;
  }

  /** Two pages that look at one run take turns, so that nothing is read twice. */
  #look(runs: OpenRuns, run: string): Promise<RunLook> {
    const known = this.#runs.get(run) ?? { live: new LiveRun(run), oneByOne: pLimit(1) };
    this.#runs.set(run, known);
    return known.oneByOne(() => known.live.look(runs.store));
  }

  /** `runs`: the rows of all runs, the newest first. */
  async *list(signal: AbortSignal): AsyncGenerator<FeedEvent> {
    const look = async ({ store }: OpenRuns) => ({ value: await listRuns(store), goesOn: false });
    for await (const sight of watch(this.#source, look, signal)) {
      if (sight.kind === 'trouble') yield { event: 'trouble', data: sight.message };
      else yield { event: 'runs', data: { live: sight.live, runs: (sight.value ?? []).toReversed() } };
    }
  }

  /** `picture`, `charts`, `timeline` and `queues` of one run. */
  async *run(run: string, axis: AxisName, signal: AbortSignal): AsyncGenerator<FeedEvent> {
    let shown: readonly Chart[] = [];
    let last: RunLook | null = null;
    const look = async (runs: OpenRuns): Promise<Looked<Awaited<ReturnType<typeof lookAtRun>>>> => {
      const value = await lookAtRun(runs, () => this.#look(runs, run), run);
      return { value, goesOn: value.look.unread > 0 };
    };
    for await (const sight of watch(this.#source, look, signal)) {
      if (sight.kind === 'trouble' || sight.value === null) {
        yield { event: 'trouble', data: sight.kind === 'trouble' ? sight.message : 'there are no runs here' };
        continue;
      }
      const { look: seen, queues, refused } = sight.value;
      yield {
        event: 'picture',
        data: runPicture(seen, { live: sight.live, unread: seen.unread, refused }),
      };
      yield { event: 'queues', data: queues };
      if (seen === last) continue;
      last = seen;
      const charts = runCharts(seen.figures, axis);
      const update = updateCharts(shown, charts);
      shown = charts;
      if (update !== null) yield { event: 'charts', data: update };
      const refusedAtMs = refused.map((result) => result.refusedAtMs);
      yield { event: 'timeline', data: makeTimeline(newestView(seen), { part: true, refusedAtMs }) };
    }
  }

  /** `comparison` and `charts` of several runs. */
  async *compare(runs: readonly string[], axis: AxisName, signal: AbortSignal): AsyncGenerator<FeedEvent> {
    let shown: readonly Chart[] = [];
    const look = async (open: OpenRuns): Promise<Looked<RunLook[]>> => {
      const value = await Promise.all(runs.map((run) => this.#look(open, run)));
      return { value, goesOn: value.some(({ unread }) => unread > 0) };
    };
    for await (const sight of watch(this.#source, look, signal)) {
      if (sight.kind === 'trouble' || sight.value === null) {
        yield { event: 'trouble', data: sight.kind === 'trouble' ? sight.message : 'there are no runs here' };
        continue;
      }
      const rows = sight.value.map(runRow);
      const differences = configDifferences(sight.value.map(({ config }) => config));
      yield { event: 'comparison', data: { rows, differences } };
      const charts = comparisonCharts(
        sight.value.map(({ figures }) => figures),
        axis,
      );
      const update = updateCharts(shown, charts);
      shown = charts;
      if (update !== null) yield { event: 'charts', data: update };
    }
  }
}

async function lookAtRun({ store, queueDepths }: OpenRuns, lookAt: () => Promise<RunLook>, run: string) {
  const [look, queues] = await Promise.all([lookAt(), queueDepths?.() ?? null]);
  const hasRefused = look.state.counters.refused > 0;
  return { look, queues, refused: hasRefused ? await readRefusedResults(store, run) : [] };
}
