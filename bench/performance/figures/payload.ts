/** Payload bytes of a round against the model (2 N + 1 + W) P. */
import { LARGE, SMALL, WARM_UP_ROUNDS } from '../emptyRuns.ts';
import { type Bench, type FigureGroup, type FigureKind, type Measurement, sized } from '../figure.ts';
import { openMeteredDeployment } from '../meteredDeployment.ts';
import { interleave } from '../repeat.ts';

const SHARDS = 4;
/** μ of a run config that says nothing else. */
const MOMENTUM = 0.5;

const common = { unit: '×', better: 'lower' } as const;
const model = `payload bytes a round against (2 N + 1 + W) P, N = ${SHARDS}, ${LARGE.parameters} parameters`;
const staying: FigureKind = {
  figure: 'payload',
  title: `${model}, shards staying with their worker (W = 1)`,
  ...{ ...common, must: 1.1, aim: 1.02 },
};
const moving: FigureKind = {
  figure: 'payload-moving',
  title: `${model}, W = ${SHARDS}, shards going to whoever is free on one host`,
  ...{ ...common, must: null, aim: null },
};
const withMomentum: FigureKind = {
  figure: 'payload-momentum',
  title: `${model}, W = 1, z̃ beside z (μ = ${MOMENTUM})`,
  ...{ ...common, must: null, aim: null },
};

async function measureBytes(
  bench: Bench,
  kind: FigureKind,
  workers: number,
  momentum: number,
): Promise<Measurement> {
  const { hiddenUnits, parameters } = sized(bench, LARGE, SMALL);
  const rounds = sized(bench, 20, 3);
  const deployment = await openMeteredDeployment(bench.directory, workers);
  try {
    const bytesOf = (count: number) =>
      deployment.payloadBytes({ shards: SHARDS, rounds: WARM_UP_ROUNDS + count, hiddenUnits, momentum });
    const raw = await interleave(bench.repetitions, {
      // What a run takes once, for data and evaluations, is in both and falls out.
      bytesPerRound: async () => ((await bytesOf(rounds)) - (await bytesOf(0))) / rounds,
    });
    const modelBytes = (2 * SHARDS + 1 + workers) * parameters * Float32Array.BYTES_PER_ELEMENT;
    return { ...kind, values: raw.bytesPerRound.map((bytes) => bytes / modelBytes), raw };
  } finally {
    await deployment.close();
  }
}

export const payload: FigureGroup = {
  kinds: [staying, moving, withMomentum],
  measure: async (bench) => [
    await measureBytes(bench, staying, 1, 0),
    await measureBytes(bench, moving, SHARDS, 0),
    await measureBytes(bench, withMomentum, 1, MOMENTUM),
  ],
};
