/** `npm run bench:anderson -- --data DIR`: Anderson acceleration of the consensus against momentum and against neither. */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { parseCount } from '../parseCount.ts';
import { roundsToSolution } from './leastSquares.ts';
import { Mnist, type MnistRun } from './mnist.ts';
import { schemes } from './schemes.ts';

const program = new Command('bench:anderson')
  .description(
    'Anderson acceleration against momentum: full-batch least squares, and MNIST by rows in batches.',
  )
  .requiredOption('--data <dir>', 'directory with the MNIST files, or with a folder mnist of them')
  .option('--json <file>', 'where the figures are written')
  .option('--seeds <count>', 'runs of each scheme, each with a seed of its own', parseCount, 2)
  .option('--epochs <count>', 'epochs of MNIST', parseCount, 1);

interface Options {
  readonly data: string;
  readonly json?: string;
  readonly seeds: number;
  readonly epochs: number;
}

function describeRun({ afterEpoch, restarts, rounds }: MnistRun): string {
  const each = afterEpoch.map(
    ({ accuracy, loss }) => `${(100 * (accuracy ?? 0)).toFixed(2)} % (${loss.toFixed(4)} nats)`,
  );
  return `${each.join(', ')}, ${restarts} restarts in ${rounds} rounds`;
}

async function main(): Promise<void> {
  const { data, json, seeds: count, epochs } = program.parse().opts<Options>();
  const seeds = Array.from({ length: count }, (_, seed) => seed);
  const backend = await loadBackend({ threads: 1 });
  const leastSquares = schemes.map((scheme) => {
    const rounds = seeds.map((seed) => roundsToSolution(backend, scheme, seed));
    console.log(`least squares, ${scheme.name}: ${rounds.map((n) => n ?? 'none').join(', ')} rounds`);
    return { scheme: scheme.name, rounds };
  });
  const mnist = new Mnist(backend, data);
  const runs: MnistRun[] = [];
  for (const scheme of schemes) {
    for (const seed of seeds) {
      const run = await mnist.train(scheme, seed, epochs);
      runs.push(run);
      console.log(`MNIST, ${scheme.name}, seed ${seed}: ${describeRun(run)}`);
    }
  }
  if (json !== undefined)
    await writeFile(json, `${JSON.stringify({ leastSquares, mnist: runs }, undefined, 2)}\n`);
}

await main();
