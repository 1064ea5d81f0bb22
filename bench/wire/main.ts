/**
 * `npm run bench:wire -- --data DIR`: what rounding contributions to two bytes a number does to the accuracy on MNIST by rows,
 * each seed with each format on the same batches.
 */
import { Command } from 'commander';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { runInProcess } from '../experiments/trials/inProcessRun.ts';
import { PreparedData } from '../experiments/trials/preparedData.ts';
import { parseCount } from '../parseCount.ts';

const WIRES = ['float32', 'bfloat16', 'float16'] as const;

interface Options {
  readonly data: string;
  readonly rounds: number;
  readonly seeds: number;
}

const options = new Command('bench:wire')
  .description('Accuracy with contributions in float32, bfloat16 and float16.')
  .requiredOption('--data <dir>', 'directory of the MNIST files')
  .option('--rounds <count>', 'consensus updates', parseCount, 120)
  .option('--seeds <count>', 'seeds from 0', parseCount, 3)
  .parse()
  .opts<Options>();

const backend = await loadBackend({ threads: 1 });
const data = new PreparedData(options.data);
for (let seed = 0; seed < options.seeds; seed += 1) {
  for (const wire of WIRES) {
    const config = runConfigSchema.parse({
      ...{ name: 'wire', dataset: { kind: 'mnist' }, seed, consensus: { wire } },
      stop: { maxRounds: options.rounds },
      evaluation: { everyRounds: Math.ceil(options.rounds / 4) },
    });
    const prepared = await data.prepare(config.dataset, config.shards, seed);
    const { view } = await runInProcess(backend, config, prepared);
    const { model } = view.state;
    const sizeBytes = view.rounds[0]?.arrivals[0]?.sizeBytes;
    const { validation, test } = model ?? {};
    console.log(
      JSON.stringify({ wire, seed, sizeBytes, validation: validation?.accuracy, test: test?.accuracy }),
    );
  }
}
