/** Synchronous against asynchronous consensus where some answers take longer, in simulated and in real time. */
import type { RunConfigInput } from '../../../lib/protocol/config.ts';
import type { Chart, Section, Table } from '../section.ts';
import { runConfigOf, type SizedTask } from '../tasks.ts';
import type { Simulation, Training } from '../trial.ts';
import { meanCurve, spreadText, testText } from './outcomes.ts';
import type { StudyContext } from './study.ts';

const SHARDS = 4;
const TASK_MS = 1000;
const WORKERS = 2;
const STOPPED_SHARE = 0.75;
const POINTS = 15;

interface Mode {
  readonly title: string;
  readonly arrivals: number;
  readonly consensus: RunConfigInput['consensus'];
}

/** The synchronous mode first, then the asynchronous ones by the arrivals that they wait for. */
const modesOf = ({ scale }: StudyContext): readonly Mode[] => [
  { title: 'SP', arrivals: SHARDS, consensus: { mode: 'sync' } },
  ...scale.stragglers.arrivals.map((arrivals) => ({
    title: `AP, ${arrivals} ${arrivals === 1 ? 'arrival' : 'arrivals'}`,
    arrivals,
    consensus: { mode: 'async' as const, arrivals },
  })),
];

const PROFILES = [
  { id: 'even', title: 'all shards alike', slowness: [1], jitterMs: 0 },
  { id: 'slow', title: 'one shard 4 times slower', slowness: [4, 1], jitterMs: 0 },
  {
    id: 'jitter',
    title: 'random delays, as long as a subproblem on average',
    slowness: [1],
    jitterMs: TASK_MS,
  },
] as const;
type Profile = (typeof PROFILES)[number];

/** A run that would do more than fits into the simulated time; updates are so many as arrivals allow. */
function simulatedConfig(task: SizedTask, { arrivals, consensus }: Mode, taskTimes: number, seed: number) {
  const updates = Math.ceil((taskTimes * SHARDS) / arrivals);
  const config = runConfigOf(task, { seed, epochs: 1, points: 1, shards: SHARDS, consensus });
  const everyRounds = Math.max(1, Math.round(updates / POINTS));
  return {
    ...config,
    stop: { ...config.stop, maxRounds: 10 * updates },
    evaluation: { ...config.evaluation, everyRounds },
  };
}

function simulate(
  { trials, scale }: StudyContext,
  task: SizedTask,
  mode: Mode,
  { slowness, jitterMs }: Profile,
): Promise<readonly Training[]> {
  const { taskTimes } = scale.stragglers;
  const simulation: Simulation = {
    ...{ taskMs: TASK_MS, slowness: [...slowness], jitterMs },
    untilMs: taskTimes * TASK_MS,
  };
  return Promise.all(
    scale.seeds.others.map((seed) => {
      const config = simulatedConfig(task, mode, taskTimes, seed);
      return trials.run<'padmm'>({ kind: 'padmm', config, simulation });
    }),
  );
}

async function simulateProfile(context: StudyContext, task: SizedTask, profile: Profile) {
  const modes = modesOf(context);
  const runs = await Promise.all(modes.map((mode) => simulate(context, task, mode, profile)));
  const chart: Chart = {
    name: `stragglers-${profile.id}`,
    caption: `Simulated time, ${profile.title}: validation accuracy by task times`,
    x: { label: 'simulated task times', scale: 'linear' },
    y: { label: 'validation accuracy (%)', scale: 'linear' },
    lines: modes.map(({ title }, i) => meanCurve(title, runs[i] ?? [], 'accuracy', 'seconds')),
  };
  const last = runs.map((trainings) => testText(trainings, (training) => training.last, 'accuracy'));
  return { chart, row: [profile.title, ...last] };
}

/** On processes: the same samples in every mode, one worker stopped most of the time, or none. */
async function processesTable(context: StudyContext, task: SizedTask): Promise<Table> {
  const { trials, scale } = context;
  const rows: string[][] = [];
  for (const stoppedShare of [0, STOPPED_SHARE]) {
    for (const { title, arrivals, consensus } of modesOf(context)) {
      const config = runConfigOf(task, { seed: 0, epochs: 1, points: 1, shards: SHARDS, consensus });
      const maxRounds = Math.round((scale.stragglers.rounds * SHARDS) / arrivals);
      const stop = { ...config.stop, maxRounds };
      const evaluation = { ...config.evaluation, everyRounds: maxRounds };
      // One after the other: they take the whole machine.
      const trained = await trials.run<'processes'>({
        ...{ kind: 'processes', workers: WORKERS, stoppedShare },
        config: { ...config, stop, evaluation },
      });
      const disturbed = stoppedShare === 0 ? 'none' : `one, ${100 * stoppedShare} % of the time`;
      const accuracy = testText([trained], ({ best }) => best, 'accuracy');
      rows.push([disturbed, title, spreadText([trained.seconds], 'accuracy'), accuracy]);
    }
  }
  return { columns: ['workers stopped', 'mode', 'seconds', 'test accuracy (%)'], rows };
}

export async function holdUpShards(context: StudyContext): Promise<Section> {
  const { pictures, stragglers, seeds } = context.scale;
  const task = await context.size(pictures);
  const simulated = await Promise.all(PROFILES.map((profile) => simulateProfile(context, task, profile)));
  const columns = ['', ...modesOf(context).map(({ title }) => title)];
  return {
    title: 'Stragglers',
    description: `${task.title}, ${SHARDS} shards, a subproblem of ${task.roundSamples / SHARDS} samples. In simulated time the solver and the coordinator are the real ones, and only when an answer comes in is made up; ${stragglers.taskTimes} task times, ${seeds.others.length} seed(s). On processes, ${WORKERS} workers of the embedded deployment solve ${stragglers.rounds * SHARDS} subproblems; one of them is stopped and continued by signals in periods of a second. Any worker may take any shard's task, so even the synchronous mode waits for no more than the task in its hands.`,
    tables: [
      {
        caption: `Simulated time: test accuracy (%) of the last model after ${stragglers.taskTimes} task times`,
        table: { columns, rows: simulated.map(({ row }) => row) },
      },
      {
        caption: 'Processes: the same number of subproblems, seed 0',
        table: await processesTable(context, task),
      },
    ],
    charts: simulated.map(({ chart }) => chart),
  };
}
