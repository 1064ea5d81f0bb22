/** Samples a second in subproblems on a GPU, against steps of Adam on it in tfjs-node and in PyTorch. */
import { EnvironmentError } from '../../../lib/errors.ts';
import { type Bench, type FigureGroup, type FigureKind, type Outcome, sized, skip } from '../figure.ts';
import { warmUp } from '../figures/subproblems.ts';
import { mnistDirectory, peerPython } from '../peers.ts';
import { interleave, ratios } from '../repeat.ts';
import { rateOf, type ThroughputProcess, withProcesses } from '../throughput.ts';
import { type GpuOptions, startOnGpu, startTorch } from './device.ts';

const REPORTED = { unit: '×', better: 'higher', must: null, aim: null } as const;

const kindsOf = (batchSize: number): readonly [FigureKind, FigureKind, FigureKind] => [
  {
    figure: `gpu-adam-${batchSize}`,
    title: `samples a second in subproblems against Adam in tfjs-node on the same GPU, batch ${batchSize}`,
    ...REPORTED,
  },
  {
    figure: `gpu-torch-${batchSize}`,
    title: `samples a second in subproblems against Adam in PyTorch on the same GPU, batch ${batchSize}`,
    ...REPORTED,
  },
  {
    figure: `gpu-tf32-${batchSize}`,
    title: `samples a second in subproblems, TF32 products against float32, batch ${batchSize}`,
    ...REPORTED,
  },
];

/** PyTorch on the GPU, or why it is not there. */
type Torch = { readonly process: ThroughputProcess } | { readonly missing: string };

async function findTorch({ dataDirectory }: Bench, { python }: GpuOptions): Promise<Torch> {
  if (dataDirectory === undefined) return { missing: 'a quick pass installs no peers' };
  const installed = python === undefined ? await peerPython('torch') : ({ python, missing: null } as const);
  if (installed.python === null) return { missing: installed.missing };
  const process = startTorch(installed.python, mnistDirectory(dataDirectory));
  try {
    await process.ready();
    return { process };
  } catch (error) {
    await process.close();
    if (error instanceof EnvironmentError) return { missing: error.message };
    throw error;
  }
}

interface Contestants {
  readonly worker: ThroughputProcess;
  readonly tf32: ThroughputProcess;
  readonly adam: ThroughputProcess;
  readonly torch: Torch;
}

async function measureBatch(
  bench: Bench,
  { worker, tf32, adam, torch }: Contestants,
  batchSize: number,
): Promise<readonly Outcome[]> {
  bench.say(`batch ${batchSize}`);
  const seconds = sized(bench, 1, 0.05);
  const rate = (process: ThroughputProcess, work: 'subproblems' | 'adam') => () =>
    rateOf([process], { work, batchSize, seconds });
  const own = {
    subproblemSamplesPerSecond: rate(worker, 'subproblems'),
    subproblemTf32SamplesPerSecond: rate(tf32, 'subproblems'),
    adamSamplesPerSecond: rate(adam, 'adam'),
  };
  for (const process of [worker, tf32]) await warmUp(bench, [process], { work: 'subproblems', batchSize });
  await warmUp(bench, [adam], { work: 'adam', batchSize });
  const [adamKind, torchKind, tf32Kind] = kindsOf(batchSize);
  const outcomesOf = (raw: Record<keyof typeof own, number[]>, torchOutcome: Outcome): Outcome[] => [
    { ...adamKind, values: ratios(raw.subproblemSamplesPerSecond, raw.adamSamplesPerSecond), raw },
    torchOutcome,
    { ...tf32Kind, values: ratios(raw.subproblemTf32SamplesPerSecond, raw.subproblemSamplesPerSecond), raw },
  ];
  if ('missing' in torch) {
    const raw = await interleave(bench.repetitions, own);
    return outcomesOf(raw, { ...torchKind, skipped: torch.missing, failed: false });
  }
  await warmUp(bench, [torch.process], { work: 'adam', batchSize });
  const raw = await interleave(bench.repetitions, {
    ...own,
    torchSamplesPerSecond: rate(torch.process, 'adam'),
  });
  const values = ratios(raw.subproblemSamplesPerSecond, raw.torchSamplesPerSecond);
  return outcomesOf(raw, { ...torchKind, values, raw });
}

/** Larger and larger batches until one does not fit: what ended with it is not begun again. */
async function measureBatches(
  bench: Bench,
  contestants: Contestants,
  [batchSize, ...larger]: readonly number[],
): Promise<readonly Outcome[]> {
  if (batchSize === undefined) return [];
  try {
    const outcomes = await measureBatch(bench, contestants, batchSize);
    return [...outcomes, ...(await measureBatches(bench, contestants, larger))];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    const kinds = [batchSize, ...larger].flatMap(kindsOf);
    return skip(kinds, `batch ${batchSize}: ${error.message}`).map((each) => ({ ...each, failed: true }));
  }
}

export const steps = (options: GpuOptions): FigureGroup => ({
  kinds: options.batchSizes.flatMap(kindsOf),
  async measure(bench) {
    const torch = await findTorch(bench, options);
    const { dataDirectory } = bench;
    const contestants = {
      ...{ worker: startOnGpu(dataDirectory), tf32: startOnGpu(dataDirectory, 'tf32') },
      ...{ adam: startOnGpu(dataDirectory), torch },
    };
    const { worker, tf32, adam } = contestants;
    try {
      return await withProcesses([worker, tf32, adam], () =>
        measureBatches(bench, contestants, options.batchSizes),
      );
    } finally {
      if ('process' in torch) await torch.process.close();
    }
  },
});
