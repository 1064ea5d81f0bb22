/** Samples a second in subproblems, against steps of Adam by back-propagation on the same backend. */
import { type Bench, type FigureGroup, type FigureKind, type Measurement, sized } from '../figure.ts';
import { fastest, interleave, ratios } from '../repeat.ts';
import { type Order, rateOf, ThroughputProcess, withProcesses } from '../throughput.ts';

export const BATCH_SIZES = [250, 1000, 4000] as const;
export type BatchSize = (typeof BATCH_SIZES)[number];

/** How long each process works on one order, and before the first. */
export const secondsOf = (bench: Bench): number => sized(bench, 1.5, 0.05);

/** Works on an order once, unmeasured: what is set up at first is not what is compared. */
export const warmUp = (
  bench: Bench,
  processes: readonly ThroughputProcess[],
  order: Omit<Order, 'seconds'>,
) => rateOf(processes, { ...order, seconds: sized(bench, 1, 0.01) });

const limits = { unit: '×', better: 'higher', must: 1, aim: 3 } as const;

/** One network is trained, as the peers train it. */
const oneTraining = (batchSize: BatchSize): FigureKind => ({
  figure: `subproblems-threads-${batchSize}`,
  title: `samples a second in subproblems against one training by Adam in tfjs-node, two threads, batch ${batchSize}`,
  ...limits,
});

/** Two networks may be trained, a thread each, which share the cores better and exchange nothing. */
const anyTraining = (batchSize: BatchSize): FigureKind => ({
  figure: `subproblems-${batchSize}`,
  title: `samples a second in subproblems against Adam in tfjs-node, two trainings side by side where they are faster, batch ${batchSize}`,
  ...limits,
});

async function measureBatch(
  bench: Bench,
  [workers, adamApart, adamTogether]: readonly [
    readonly ThroughputProcess[],
    readonly ThroughputProcess[],
    readonly ThroughputProcess[],
  ],
  batchSize: BatchSize,
): Promise<Measurement[]> {
  bench.say(`batch ${batchSize}`);
  const seconds = secondsOf(bench);
  await warmUp(bench, workers, { work: 'subproblems', batchSize });
  await warmUp(bench, adamApart, { work: 'adam', batchSize });
  await warmUp(bench, adamTogether, { work: 'adam', batchSize });
  const raw = await interleave(bench.repetitions, {
    subproblemSamplesPerSecond: () => rateOf(workers, { work: 'subproblems', batchSize, seconds }),
    adamTwoProcessesSamplesPerSecond: () => rateOf(adamApart, { work: 'adam', batchSize, seconds }),
    adamTwoThreadsSamplesPerSecond: () => rateOf(adamTogether, { work: 'adam', batchSize, seconds }),
  });
  const {
    subproblemSamplesPerSecond: ours,
    adamTwoThreadsSamplesPerSecond: one,
    adamTwoProcessesSamplesPerSecond: two,
  } = raw;
  return [
    { ...oneTraining(batchSize), values: ratios(ours, one), raw },
    { ...anyTraining(batchSize), values: ratios(ours, fastest(one, two)), raw },
  ];
}

export const subproblems: FigureGroup = {
  kinds: BATCH_SIZES.flatMap((batchSize) => [oneTraining(batchSize), anyTraining(batchSize)]),
  async measure(bench) {
    const { dataDirectory } = bench;
    const start = (threads: number) => ThroughputProcess.ofProject({ threads, dataDirectory });
    const workers = [start(1), start(1)];
    const adamApart = [start(1), start(1)];
    const adamTogether = [start(2)];
    return withProcesses([...workers, ...adamApart, ...adamTogether], async () => {
      const measured: Measurement[] = [];
      for (const batchSize of BATCH_SIZES) {
        measured.push(...(await measureBatch(bench, [workers, adamApart, adamTogether], batchSize)));
      }
      return measured;
    });
  },
};
