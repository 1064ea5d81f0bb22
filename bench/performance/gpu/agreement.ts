/** How far the step of one subproblem on a GPU is from the same on the processor. */
import type { FigureGroup, FigureKind, Measurement } from '../figure.ts';
import { stepSchema, type ThroughputProcess, withProcesses } from '../throughput.ts';
import { type GpuOptions, type Products, startOnGpu, startOnProcessor } from './device.ts';

const PRODUCTS: readonly Products[] = ['float32', 'tf32'];
/** Beyond these a processor alone takes long. */
const LARGEST_BATCH = 4000;

const kindOf = (batchSize: number, products: Products): FigureKind => ({
  figure: `gpu-agreement-${products}-${batchSize}`,
  title: `‖δ_gpu − δ_processor‖ / ‖δ_processor‖ of one subproblem, ${products} products, batch ${batchSize}`,
  ...{ unit: '%', better: 'lower', must: products === 'float32' ? 0.01 : null, aim: null },
});

async function stepOf(process: ThroughputProcess, batchSize: number): Promise<Float32Array> {
  const { step } = await process.ask({ work: 'step', batchSize, seconds: 0 }, stepSchema);
  return new Float32Array(Uint8Array.from(Buffer.from(step, 'base64')).buffer);
}

export function agreement({ batchSizes }: GpuOptions): FigureGroup {
  const compared = batchSizes.filter((batchSize) => batchSize <= LARGEST_BATCH);
  return {
    kinds: compared.flatMap((batchSize) => PRODUCTS.map((products) => kindOf(batchSize, products))),
    async measure({ dataDirectory, say }) {
      const processor = startOnProcessor(dataDirectory);
      const gpus = PRODUCTS.map((products) => ({ products, process: startOnGpu(dataDirectory, products) }));
      return withProcesses([processor, ...gpus.map(({ process }) => process)], async () => {
        const measured: Measurement[] = [];
        for (const batchSize of compared) {
          say(`batch ${batchSize}`);
          const reference = await stepOf(processor, batchSize);
          for (const { products, process } of gpus) {
            const step = await stepOf(process, batchSize);
            const difference = Math.hypot(...step.map((value, i) => value - (reference[i] ?? Number.NaN)));
            const relative = difference / Math.hypot(...reference);
            const raw = { relativeDifference: [relative] };
            measured.push({ ...kindOf(batchSize, products), values: [100 * relative], raw });
          }
        }
        return measured;
      });
    },
  };
}
