/** How fast a worker's matrix products are beside the best that its backend can do. */
import { type FigureGroup, type FigureKind, sized } from '../figure.ts';
import { interleave, ratios } from '../repeat.ts';
import { rateOf, ThroughputProcess, withProcesses } from '../throughput.ts';
import { secondsOf, warmUp } from './subproblems.ts';

const BATCH_SIZE = 1000;

const kind: FigureKind = {
  figure: 'matrix-products',
  title: `GFLOP/s of a worker's matrix products, batch ${BATCH_SIZE}, against tfjs-node's at 1024³, one thread`,
  ...{ unit: '%', better: 'higher', must: 50, aim: 75 },
};

export const products: FigureGroup = {
  kinds: [kind],
  async measure(bench) {
    const worker = ThroughputProcess.ofProject({ threads: 1, dataDirectory: bench.dataDirectory });
    return withProcesses([worker], async () => {
      const batchSize = sized(bench, BATCH_SIZE, 100);
      await warmUp(bench, [worker], { work: 'products', batchSize });
      await warmUp(bench, [worker], { work: 'bestProducts', batchSize });
      const gigaRate = async (work: 'products' | 'bestProducts') =>
        (await rateOf([worker], { work, batchSize, seconds: secondsOf(bench) })) / 1e9;
      const raw = await interleave(bench.repetitions, {
        workerGflopPerSecond: () => gigaRate('products'),
        bestGflopPerSecond: () => gigaRate('bestProducts'),
      });
      const shares = ratios(raw.workerGflopPerSecond, raw.bestGflopPerSecond);
      return [{ ...kind, values: shares.map((share) => 100 * share), raw }];
    });
  },
};
