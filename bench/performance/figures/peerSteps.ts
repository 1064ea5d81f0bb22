/** Samples a second in subproblems, against steps of Adam in PyTorch and Keras. */
import { type Bench, type FigureGroup, type FigureKind, type Outcome, skip } from '../figure.ts';
import { mnistDirectory, type PeerName, peerEnvironment, peerFile, peerPython } from '../peers.ts';
import { interleave, ratios } from '../repeat.ts';
import { rateOf, ThroughputProcess, withProcesses } from '../throughput.ts';
import { BATCH_SIZES, type BatchSize, secondsOf, warmUp } from './subproblems.ts';

const NONE = { must: null, aim: null };
const PYTORCH = { must: 1, aim: 2 };

/** Peers whose steps are timed, by the limits at each batch. */
const PEERS: readonly {
  readonly name: PeerName;
  readonly title: string;
  readonly limits: Readonly<Record<BatchSize, Pick<FigureKind, 'must' | 'aim'>>>;
}[] = [
  { name: 'torch', title: 'PyTorch', limits: { 250: PYTORCH, 1000: PYTORCH, 4000: NONE } },
  { name: 'keras', title: 'Keras', limits: { 250: NONE, 1000: { must: 0.7, aim: 1.3 }, 4000: NONE } },
];
type Peer = (typeof PEERS)[number];

const kindOf = ({ name, title, limits }: Peer, batchSize: BatchSize): FigureKind => ({
  figure: `subproblems-${name}-${batchSize}`,
  title: `samples a second in subproblems against Adam in ${title}, two threads, batch ${batchSize}`,
  ...{ unit: '×', better: 'higher', ...limits[batchSize] },
});

const kindsOf = (peer: Peer): FigureKind[] => BATCH_SIZES.map((batchSize) => kindOf(peer, batchSize));

/** A process of a peer that takes orders. */
export const startPeer = (python: string, name: PeerName, dataDirectory: string): ThroughputProcess =>
  new ThroughputProcess(
    python,
    [peerFile(`${name}_trainer.py`), mnistDirectory(dataDirectory)],
    peerEnvironment(),
  );

async function measurePeer(bench: Bench, peer: Peer): Promise<readonly Outcome[]> {
  const { dataDirectory } = bench;
  if (dataDirectory === undefined) return skip(kindsOf(peer), 'a quick pass installs no peers');
  const { python, missing } = await peerPython(peer.name);
  if (python === null) return skip(kindsOf(peer), missing);
  const start = () => ThroughputProcess.ofProject({ threads: 1, dataDirectory });
  const workers = [start(), start()];
  const others = [startPeer(python, peer.name, dataDirectory)];
  const seconds = secondsOf(bench);
  return withProcesses([...workers, ...others], async () => {
    const outcomes: Outcome[] = [];
    for (const batchSize of BATCH_SIZES) {
      bench.say(`${peer.title}, batch ${batchSize}`);
      await warmUp(bench, workers, { work: 'subproblems', batchSize });
      await warmUp(bench, others, { work: 'adam', batchSize });
      const raw = await interleave(bench.repetitions, {
        subproblemSamplesPerSecond: () => rateOf(workers, { work: 'subproblems', batchSize, seconds }),
        peerSamplesPerSecond: () => rateOf(others, { work: 'adam', batchSize, seconds }),
      });
      const values = ratios(raw.subproblemSamplesPerSecond, raw.peerSamplesPerSecond);
      outcomes.push({ ...kindOf(peer, batchSize), values, raw });
    }
    return outcomes;
  });
}

export const peerSteps: FigureGroup = {
  kinds: PEERS.flatMap(kindsOf),
  async measure(bench) {
    const outcomes: Outcome[] = [];
    for (const peer of PEERS) outcomes.push(...(await measurePeer(bench, peer)));
    return outcomes;
  },
};
