/** Rounds a second where workers do nothing, against systems that are made for rounds as well. */
import {
  LARGE,
  meanRoundSeconds,
  type NetworkSize,
  SMALL,
  WARM_UP_ROUNDS,
  withEmptyDeployment,
} from '../emptyRuns.ts';
import { type Bench, type FigureGroup, type FigureKind, type Outcome, sized, skip } from '../figure.ts';
import { peerPython, runPeer } from '../peers.ts';
import { movePlainRounds } from '../plainRounds.ts';
import { interleave, ratios } from '../repeat.ts';

const WORKERS = 4;

interface Peer {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly words: readonly string[];
  /** Enough to be timed well, few enough for its slowest. */
  readonly rounds: number;
  /** Limits at the small and at the large size. */
  readonly small: Pick<FigureKind, 'must' | 'aim'>;
  readonly large: Pick<FigureKind, 'must' | 'aim'>;
}

const PEERS: readonly Peer[] = [
  {
    ...{
      id: 'simulation',
      title: "Flower's simulation engine",
      file: 'flower_rounds.py',
      words: ['simulation'],
    },
    ...{ rounds: 30, small: { must: 2, aim: 6 }, large: { must: 2, aim: 6 } },
  },
  {
    ...{ id: 'grpc', title: 'Flower over gRPC', file: 'flower_rounds.py', words: ['grpc'] },
    ...{ rounds: 60, small: { must: null, aim: 0.5 }, large: { must: 1, aim: 2 } },
  },
  {
    ...{ id: 'ray', title: 'a parameter server on Ray', file: 'ray_rounds.py', words: [] },
    ...{ rounds: 60, small: { must: null, aim: null }, large: { must: null, aim: null } },
  },
];

const sizes = { small: SMALL, large: LARGE } as const;
type SizeName = keyof typeof sizes;

const kindOf = (peer: Peer, size: SizeName): FigureKind => ({
  figure: `rounds-${peer.id}-${size}`,
  title: `rounds a second without work against ${peer.title}, ${WORKERS} workers, ${sizes[size].parameters} parameters`,
  ...{ unit: '×', better: 'higher', ...peer[size] },
});

/** What no system of processes that HTTP joins gets past: where bytes are what a round takes. */
const bytesAlone: FigureKind = {
  figure: 'rounds-bytes-large',
  title: `rounds a second without work against their bytes alone over HTTP, ${WORKERS} workers, ${LARGE.parameters} parameters`,
  ...{ unit: '×', better: 'higher', must: null, aim: null },
};
const PLAIN_ROUNDS = 30;

const kinds = [...PEERS.flatMap((peer) => [kindOf(peer, 'small'), kindOf(peer, 'large')]), bytesAlone];

async function plainRoundsPerSecond(bench: Bench): Promise<number> {
  bench.say('bytes alone');
  const rounds = sized(bench, PLAIN_ROUNDS, 2);
  const bodyBytes = LARGE.parameters * Float32Array.BYTES_PER_ELEMENT;
  const { seconds } = await movePlainRounds({ workers: WORKERS, rounds, bodyBytes });
  return rounds / seconds;
}

async function measureSize(
  bench: Bench,
  size: SizeName,
  { hiddenUnits, parameters }: NetworkSize,
  python: string,
): Promise<Outcome[]> {
  const rounds = WARM_UP_ROUNDS + sized(bench, 60, 2);
  const peerRounds = async (peer: Peer): Promise<number> => {
    bench.say(`${peer.title}, ${parameters} parameters`);
    const counts = [
      ...['--clients', `${WORKERS}`, '--parameters', `${parameters}`],
      ...['--rounds', `${sized(bench, peer.rounds, 2)}`],
    ];
    const { amount, seconds } = await runPeer(python, peer.file, [...peer.words, ...counts]);
    return amount / seconds;
  };
  return withEmptyDeployment(bench.directory, { workers: WORKERS, solveMs: 0 }, async (deployment) => {
    const ours = async () =>
      1 / meanRoundSeconds(await deployment.run({ shards: WORKERS, rounds, hiddenUnits }));
    await ours();
    const measured = await interleave<string>(bench.repetitions, {
      ours,
      ...Object.fromEntries(PEERS.map((peer) => [peer.id, () => peerRounds(peer)])),
      ...(size === 'large' && { bytes: () => plainRoundsPerSecond(bench) }),
    });
    const against = (kind: FigureKind, id: string): Outcome => {
      const [roundsPerSecond = [], peerRoundsPerSecond = []] = [measured.ours, measured[id]];
      const values = ratios(roundsPerSecond, peerRoundsPerSecond);
      return { ...kind, values, raw: { roundsPerSecond, peerRoundsPerSecond } };
    };
    const outcomes = PEERS.map((peer) => against(kindOf(peer, size), peer.id));
    return size === 'large' ? [...outcomes, against(bytesAlone, 'bytes')] : outcomes;
  });
}

export const emptyRounds: FigureGroup = {
  kinds,
  async measure(bench) {
    if (bench.quick) return skip(kinds, 'a quick pass installs no peers');
    const { python, missing } = await peerPython('flower');
    if (python === null) return skip(kinds, missing);
    return [
      ...(await measureSize(bench, 'small', SMALL, python)),
      ...(await measureSize(bench, 'large', LARGE, python)),
    ];
  },
};
