/** How fast a worker's matrix products are on a GPU beside large square ones of the same backend. */
import { type FigureGroup, type FigureKind, type Outcome, sized } from '../figure.ts';
import { warmUp } from '../figures/subproblems.ts';
import { interleave, ratios } from '../repeat.ts';
import { type Order, rateOf, withProcesses } from '../throughput.ts';
import { type GpuOptions, startOnGpu } from './device.ts';

const ROWS = [1024, 4096] as const;

const kindOf = (batchSize: number, rows: number): FigureKind => ({
  figure: `gpu-products-${batchSize}-${rows}`,
  title: `GFLOP/s of a worker's matrix products on a GPU, batch ${batchSize}, against tfjs-node's at ${rows}³`,
  ...{ unit: '%', better: 'higher', must: null, aim: null },
});

export const products = ({ batchSizes }: GpuOptions): FigureGroup => ({
  kinds: batchSizes.flatMap((batchSize) => ROWS.map((rows) => kindOf(batchSize, rows))),
  async measure(bench) {
    const seconds = sized(bench, 0.5, 0.05);
    // Their own processes: whoever times products carries out each many times over.
    const [worker, best] = [startOnGpu(bench.dataDirectory), startOnGpu(bench.dataDirectory)];
    return withProcesses([worker, best], async () => {
      const outcomes: Outcome[] = [];
      for (const batchSize of batchSizes) {
        bench.say(`batch ${batchSize}`);
        const gigaRate = async (process: typeof worker, order: Omit<Order, 'seconds' | 'batchSize'>) =>
          (await rateOf([process], { ...order, batchSize, seconds })) / 1e9;
        const square = (rows: number) => ({ work: 'bestProducts', rows: sized(bench, rows, 64) }) as const;
        await warmUp(bench, [worker], { work: 'products', batchSize });
        for (const rows of ROWS) await warmUp(bench, [best], { ...square(rows), batchSize });
        const raw = await interleave(bench.repetitions, {
          workerGflopPerSecond: () => gigaRate(worker, { work: 'products' }),
          best1024GflopPerSecond: () => gigaRate(best, square(1024)),
          best4096GflopPerSecond: () => gigaRate(best, square(4096)),
        });
        for (const rows of ROWS) {
          const shares = ratios(raw.workerGflopPerSecond, raw[`best${rows}GflopPerSecond`]);
          outcomes.push({ ...kindOf(batchSize, rows), values: shares.map((share) => 100 * share), raw });
        }
      }
      return outcomes;
    });
  },
});
