/** `npm run bench:kernels -- --data DIR --batch 250`: where the processor's time of a subproblem, or of a step of Adam, goes. */
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { parseCount } from '../parseCount.ts';
import { takeAdamSteps } from '../performance/processes/adamSteps.ts';
import { loadDigitsShard } from '../performance/processes/digitsShard.ts';
import { solveSubproblems } from '../performance/processes/subproblems.ts';
import { KernelClock } from './kernelClock.ts';

/** What is set up at first is not counted. */
const UNCOUNTED = 3;

interface Options {
  readonly data?: string;
  readonly batch: number;
  readonly repetitions: number;
  readonly work: 'subproblem' | 'adam';
}

const { data, batch, repetitions, work } = new Command('kernels')
  .description(
    'Times the kernels of libtensorflow by the processor’s time; of each call the least of many counts.',
  )
  .option(
    '--data <dir>',
    'directory with the MNIST files, or with a folder mnist of them; generated digits without',
  )
  .option('--batch <samples>', 'samples of a batch', parseCount, 250)
  .option('--repetitions <count>', 'of the work', parseCount, 30)
  .addOption(
    new Option('--work <name>', 'what is timed').choices(['subproblem', 'adam']).default('subproblem'),
  )
  .parse()
  .opts<Options>();

const backend = await loadBackend({ threads: 1, prefer: 'tensorflow' });
const shard = await loadDigitsShard(backend, data);
const { network, manifest, configOf, part, initial } = shard;
const steps =
  work === 'adam'
    ? takeAdamSteps(shard, batch)
    : solveSubproblems(network, manifest, configOf(batch), part, initial);
for (let i = 0; i < UNCOUNTED; i += 1) steps.next();
const clock = new KernelClock();
for (let i = 0; i < repetitions; i += 1) {
  clock.startOver();
  steps.next();
}
const times = clock.times();
const table = new Table({ head: ['kernel', 'calls', 'ms'], colAligns: ['left', 'right', 'right'] });
for (const { kernel, calls, milliseconds } of times) table.push([kernel, calls, milliseconds.toFixed(3)]);
const sum = (pick: (time: (typeof times)[number]) => number) =>
  times.reduce((total, time) => total + pick(time), 0);
table.push(['all', sum(({ calls }) => calls), sum(({ milliseconds }) => milliseconds).toFixed(2)]);
console.log(table.toString());
