/** Prints the tables of docs/SCALING.md: node bench/scaling/main.ts */

import { BLOCK_COUNTS, type BlockCount } from '../../lib/protocol/blocks.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { assumptions } from './assumptions.ts';
import { type Simulated, simulate } from './simulator.ts';

const MB = 1e6;

const configOf = (shards: number, mode: 'sync' | 'async', blocks: BlockCount = 1) =>
  runConfigSchema.parse({
    ...{ name: 'scale', dataset: { kind: 'digits' }, shards, stop: { maxRounds: 1_000_000 } },
    evaluation: { everyRounds: 1000 },
    consensus: {
      mode,
      blocks,
      ...(mode === 'async' ? { arrivals: Math.max(1, Math.floor(shards / 10)) } : {}),
    },
  });

function row(label: readonly string[], simulated: Simulated): string {
  const { secondsPerRound, coordinatorBusy, longestInvocationSeconds, stateBytes, usdPerRound } = simulated;
  const tooLong = longestInvocationSeconds > assumptions.functionSeconds ? ' (over the time-out)' : '';
  return `| ${[
    ...label,
    secondsPerRound.toFixed(2),
    `${Math.round(100 * coordinatorBusy)} %`,
    `${longestInvocationSeconds.toFixed(2)}${tooLong}`,
    simulated.invocationsPerRound.toFixed(1),
    `${(stateBytes / 1000).toFixed(0)} kB`,
    usdPerRound.toFixed(5),
  ].join(' | ')} |`;
}

const columns = [
  's a round',
  'coordinator busy',
  'longest invocation, s',
  'invocations a round',
  'state',
  'USD a round',
];

function table(
  mode: 'sync' | 'async',
  solveSeconds: number,
  sizes: readonly number[],
  shards: readonly number[],
): void {
  console.log(`\n### ${mode}, subproblems of ${solveSeconds} s\n`);
  console.log(`| N | P | ${columns.join(' | ')} |`);
  console.log(`|${'---|'.repeat(columns.length + 2)}`);
  for (const parameterBytes of sizes) {
    for (const count of shards) {
      const rounds = mode === 'sync' ? (count > 1000 ? 1 : 3) : count > 1000 ? 5 : 20;
      const simulated = simulate({ config: configOf(count, mode), parameterBytes, solveSeconds }, rounds);
      console.log(row([String(count), `${parameterBytes / MB} MB`], simulated));
    }
  }
}

/** Seconds a round by the number of blocks, and the longest invocation, of which half of the time-out is allowed. */
function blockTable(cases: readonly (readonly [parameterBytes: number, solveSeconds: number])[]): void {
  console.log('\n### sync, s a round (longest invocation, s) by K\n');
  console.log(`| N | P | subproblem, s | ${BLOCK_COUNTS.map((blocks) => `K = ${blocks}`).join(' | ')} |`);
  console.log(`|${'---|'.repeat(BLOCK_COUNTS.length + 3)}`);
  for (const [parameterBytes, solveSeconds] of cases) {
    for (const shards of [10, 100, 1000]) {
      const cells = BLOCK_COUNTS.map((blocks) => {
        const config = configOf(shards, 'sync', blocks);
        const simulated = simulate({ config, parameterBytes, solveSeconds }, 2);
        return `${simulated.secondsPerRound.toFixed(1)} (${simulated.longestInvocationSeconds.toFixed(1)})`;
      });
      console.log(`| ${[shards, `${parameterBytes / MB} MB`, solveSeconds, ...cells].join(' | ')} |`);
    }
  }
}

/** What a round costs by the number of blocks. */
function blockCosts(shards: number, parameterBytes: number, solveSeconds: number): void {
  const costs = BLOCK_COUNTS.map((blocks) => {
    const config = configOf(shards, 'sync', blocks);
    return `K = ${blocks}: ${simulate({ config, parameterBytes, solveSeconds }, 2).usdPerRound.toFixed(4)}`;
  });
  console.log(`\nUSD a round, N = ${shards}, P = ${parameterBytes / MB} MB: ${costs.join(', ')}`);
}

table('sync', 1, [0.1 * MB], [1, 10, 100, 1000, 10_000]);
// 10,000 shards of 1 MB are refused at submission.
table('sync', 1, [MB], [1, 10, 100, 1000]);
table('sync', 60, [100 * MB], [10, 20, 44, 100, 335, 1000]);
table('async', 1, [0.1 * MB, MB], [10, 100, 1000]);
blockTable([
  [MB, 1],
  [10 * MB, 10],
  [100 * MB, 60],
]);
blockCosts(100, 100 * MB, 60);
blockCosts(1000, 100 * MB, 60);
