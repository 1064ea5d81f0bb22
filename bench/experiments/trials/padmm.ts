import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { decodeSafetensors } from '../../../lib/codec/safetensors.ts';
import type { PreparedDataset } from '../../../lib/data/prepare.ts';
import { randomStream } from '../../../lib/data/random.ts';
import type { RunView } from '../../../lib/observe/runView.ts';
import type { RunConfig } from '../../../lib/protocol/config.ts';
import type { Metrics } from '../../../lib/protocol/figures.ts';
import type { EvaluationRecord, RoundRecord } from '../../../lib/protocol/history.ts';
import { runKeys } from '../../../lib/protocol/keys.ts';
import { parameterShapes } from '../../../lib/rnn/shape.ts';
import type { Backend } from '../../../lib/tensors/backend.ts';
import { disposeParameters, uploadParameters } from '../../../lib/tensors/parameters.ts';
import { spreadOf } from '../statistics.ts';
import type { Measured, PadmmTrial, Point, Round, Simulation, Training } from '../trial.ts';
import { type InProcessRun, runInProcess, type SimulatedTime } from './inProcessRun.ts';
import type { PreparedData } from './preparedData.ts';
import { UploadedData } from './uploadedData.ts';

/** A task's time: the shard's slowness, and a delay drawn from (seed, shard, version). */
export function simulate({ taskMs, slowness, jitterMs, untilMs }: Simulation, seed: number): SimulatedTime {
  return {
    untilMs,
    durationMs({ shard, version }) {
      const stream = randomStream('straggler', seed, shard, version);
      const factor = slowness[Math.min(shard, slowness.length - 1)] ?? 1;
      return taskMs * factor - jitterMs * Math.log(1 - uniformFloat64(stream));
    },
  };
}

function pointOf({ rounds }: RunView, { version, metrics }: EvaluationRecord): Point {
  const round = rounds.find((record) => record.version === version);
  return { samples: round?.samplesSeen ?? 0, seconds: (round?.formedAtMs ?? 0) / 1000, metrics };
}

/** z of a version on test data, for the last model: the run itself measures the chosen one alone. */
async function measureTest(
  backend: Backend,
  prepared: PreparedDataset,
  { view, store }: InProcessRun,
  version: number,
): Promise<Metrics | null> {
  const { run, versions } = view.state;
  const key = runKeys(run).consensus(version, versions[version]?.commitId ?? '');
  const object = await store.get(key);
  if (object === null) return null;
  const network = { backend, shape: prepared.manifest.shape, model: view.config.model };
  const { tensors } = decodeSafetensors(object.body, key);
  const parameters = uploadParameters(tensors, parameterShapes(network.shape, network.model));
  const data = new UploadedData(network, prepared);
  try {
    return data.measure(parameters, 'test');
  } finally {
    data.dispose();
    disposeParameters(parameters);
  }
}

/** A consensus update, with the mean of what its subproblems say. */
function roundOf({ formedAtMs, residuals, loss, arrivals }: RoundRecord): Round {
  const solved = arrivals.flatMap(({ figures }) => figures.subproblem ?? []);
  const mean = (
    figure: 'augmentedLagrangian' | 'affineResidual' | 'activationResidual' | 'outputResidual',
  ) => (solved.length === 0 ? null : spreadOf(solved.map((subproblem) => subproblem[figure])).mean);
  return {
    ...{ seconds: formedAtMs / 1000, primal: residuals.primal, dual: residuals.dual, loss },
    augmentedLagrangian: mean('augmentedLagrangian'),
    affineResidual: mean('affineResidual'),
    activationResidual: mean('activationResidual'),
    outputResidual: mean('outputResidual'),
  };
}

/** What a finished run says, in the form in which every method says it. */
export function trainingOf(view: RunView, lastTest: Metrics | null): Training {
  const { state, rounds } = view;
  const validation = view.evaluations.filter((record) => record.split === 'validation');
  const last = validation.at(-1);
  const chosen = state.model ?? state.evaluations.best;
  if (last === undefined || chosen === null) {
    throw new Error(`run ${state.run}: expected an evaluation, received none`);
  }
  const samplesAt = (version: number): number =>
    rounds.find((round) => round.version === version)?.samplesSeen ?? 0;
  const best: Measured = {
    samples: samplesAt(chosen.version),
    validation: 'validation' in chosen ? chosen.validation : chosen.metrics,
    test: state.model?.test ?? null,
  };
  const isBest = last.version === chosen.version;
  return {
    kind: 'training',
    curve: validation.map((record) => pointOf(view, record)),
    best,
    last: { samples: samplesAt(last.version), validation: last.metrics, test: isBest ? best.test : lastTest },
    diverged: state.status === 'failed' ? state.reason : null,
    seconds: (rounds.at(-1)?.formedAtMs ?? 0) / 1000,
    rounds: rounds.map(roundOf),
  };
}

/** Trains one run in this process; the model chosen on validation data, and the last one, are measured on test data. */
export async function runPadmm(
  backend: Backend,
  data: PreparedData,
  { config, simulation }: { readonly config: RunConfig } & Pick<PadmmTrial, 'simulation'>,
): Promise<Training> {
  const prepared = await data.prepare(config.dataset, config.shards, config.seed);
  const time = simulation === null ? null : simulate(simulation, config.seed);
  const finished = await runInProcess(backend, config, prepared, time);
  const { state, evaluations } = finished.view;
  const lastVersion = evaluations.findLast((record) => record.split === 'validation')?.version;
  const needsTest = lastVersion !== undefined && lastVersion !== state.model?.version;
  const lastTest = needsTest ? await measureTest(backend, prepared, finished, lastVersion) : null;
  return trainingOf(finished.view, lastTest);
}
