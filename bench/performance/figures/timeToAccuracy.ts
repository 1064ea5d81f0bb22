/** Seconds until MNIST by rows is told right, the whole system against the best tuned peer in one process. */
import { followRun } from '../../../lib/client/follow.ts';
import { submitRun } from '../../../lib/client/submit.ts';
import { openLocalDeployment } from '../../../lib/emulator/localDeployment.ts';
import { type RunView, readRun } from '../../../lib/observe/runView.ts';
import { runConfigSchema } from '../../../lib/protocol/config.ts';
import { isEnded } from '../../../lib/protocol/state.ts';
import { projectFile } from '../emptyRuns.ts';
import { type Bench, type FigureGroup, type FigureKind, type Outcome, skip } from '../figure.ts';
import { type Contender, racePeer, tunePeer } from '../peerRaces.ts';
import { type PeerName, peerPython } from '../peers.ts';
import { interleave, ratios } from '../repeat.ts';
import { type ThroughputProcess, withProcesses } from '../throughput.ts';
import { startPeer } from './peerSteps.ts';

const TARGETS = [0.95, 0.97] as const;
const PEERS: readonly PeerName[] = ['keras', 'torch'];
const WORKERS = 2;
const POLL_MS = 100;

const kindOf = (target: number, must: number, aim: number): FigureKind => ({
  figure: `time-to-${Math.round(100 * target)}`,
  title: `seconds to ${Math.round(100 * target)} % on MNIST by rows, whole system, ${WORKERS} workers, against the best tuned optimiser of Keras and PyTorch`,
  ...{ unit: '×', better: 'lower', must, aim },
});
const kinds = [kindOf(TARGETS[0], 1.5, 0.7), kindOf(TARGETS[1], 1, 0.5)];

/** A shard a worker. Evaluations are part of the time: one of all validation samples costs as much as one and a half rounds. */
const configOf = (seed: number, targetAccuracy: number) =>
  runConfigSchema.parse({
    ...{ name: 'bench', dataset: { kind: 'mnist' }, shards: WORKERS, seed },
    solver: { batchSize: 500 },
    stop: { maxRounds: 1000, targetAccuracy },
    evaluation: { everyRounds: 6, delayRounds: 3 },
  });

/** From the begin of the first subproblem to the first evaluated version that reached the target. */
function secondsTo({ rounds, evaluations, state }: RunView, target: number): number {
  const startedAtMs = Math.min(...(rounds[0]?.arrivals ?? []).map((arrival) => arrival.startedAtMs));
  const validated = evaluations.filter(({ split }) => split === 'validation');
  const reached = validated.find(({ metrics }) => (metrics.accuracy ?? 0) >= target);
  const formed = rounds.find(({ version }) => version === reached?.version);
  if (formed === undefined)
    throw new Error(`run ${state.run}: ${target}: not reached in ${rounds.length} rounds`);
  return (formed.formedAtMs - startedAtMs) / 1000;
}

/** Opens the whole system, and gives what trains with a seed, and what closes it. */
async function openSystem({ directory, dataDirectory }: Bench & { readonly dataDirectory: string }) {
  const local = await openLocalDeployment({
    ...{ directory, workers: WORKERS, threads: 1 },
    coordinatorEntry: projectFile('functions/coordinator/index.ts'),
    watchdogEntry: projectFile('functions/watchdog/index.ts'),
    workerEntry: projectFile('functions/worker/index.ts'),
  });
  const { store } = local.connection;
  const train = async (seed: number, target: number): Promise<number> => {
    const { run } = await submitRun(local.connection, { config: configOf(seed, target), dataDirectory });
    for await (const { status, reason } of followRun(store, run, { intervalMs: POLL_MS })) {
      if (isEnded(status) && status !== 'done') throw new Error(`run ${run}: ${status}: ${reason}`);
    }
    return secondsTo(await readRun(store, run), target);
  };
  return { train, close: () => local.close() };
}

/** The contenders of each target, a best setting of each peer. */
async function tune(
  bench: Bench,
  processes: ReadonlyMap<PeerName, ThroughputProcess>,
): Promise<readonly (readonly Contender[])[]> {
  const tuned: Contender[][] = [];
  for (const [name, process] of processes) {
    tuned.push(await tunePeer(name, process, TARGETS, (progress) => bench.say(progress)));
  }
  return TARGETS.map((_, target) => tuned.map((contenders) => contenders[target] as Contender));
}

async function compare(
  bench: Bench & { readonly dataDirectory: string },
  processes: ReadonlyMap<PeerName, ThroughputProcess>,
): Promise<readonly Outcome[]> {
  const contenders = await tune(bench, processes);
  const system = await openSystem(bench);
  try {
    await system.train(0, TARGETS[0]);
    const outcomes: Outcome[] = [];
    for (const [target, kind] of kinds.entries()) {
      bench.say(kind.title);
      const targetAccuracy = TARGETS[target] as number;
      const seeds = new Map<string, number>();
      // Every repetition has a seed of its own; that of tuning is not among them.
      const seedOf = (name: string): number => {
        seeds.set(name, (seeds.get(name) ?? 0) + 1);
        return seeds.get(name) ?? 1;
      };
      const raw = await interleave<string>(bench.repetitions, {
        systemSeconds: () => system.train(seedOf('system'), targetAccuracy),
        ...Object.fromEntries(
          (contenders[target] ?? []).map((contender) => [
            `${contender.name}_${contender.setting.method}_${contender.setting.rate}_seconds`,
            async () =>
              (await racePeer(contender, seedOf(contender.name), [targetAccuracy])).seconds[0] ?? Number.NaN,
          ]),
        ),
      });
      const { systemSeconds = [], ...peers } = raw;
      const best = systemSeconds.map((_, i) =>
        Math.min(...Object.values(peers).map((seconds) => seconds[i] ?? Number.NaN)),
      );
      outcomes.push({ ...kind, values: ratios(systemSeconds, best), raw });
    }
    return outcomes;
  } finally {
    await system.close();
  }
}

export const timeToAccuracy: FigureGroup = {
  kinds,
  async measure(bench) {
    const { dataDirectory } = bench;
    if (dataDirectory === undefined) return skip(kinds, 'a quick pass installs no peers');
    const pythons = await Promise.all(PEERS.map(peerPython));
    const missing = pythons.flatMap((peer) => peer.missing ?? []);
    if (missing.length > 0) return skip(kinds, missing.join('; '));
    const processes = new Map(
      PEERS.map((name, i) => [name, startPeer(pythons[i]?.python ?? '', name, dataDirectory)]),
    );
    return withProcesses([...processes.values()], () => compare({ ...bench, dataDirectory }, processes));
  },
};
