import { type BaselineStep, trainBaseline } from '../../../lib/baselines/train.ts';
import type { Metrics } from '../../../lib/protocol/figures.ts';
import { drawInitialParameters } from '../../../lib/rnn/initialize.ts';
import { parameterShapes } from '../../../lib/rnn/shape.ts';
import type { Backend } from '../../../lib/tensors/backend.ts';
import { NumericalError } from '../../../lib/tensors/numericalError.ts';
import {
  disposeParameters,
  mapParameters,
  type ParameterSet,
  uploadParameters,
} from '../../../lib/tensors/parameters.ts';
import type { BaselineTrial, Point, Training } from '../trial.ts';
import { cpuMs } from './cpuTime.ts';
import type { PreparedData } from './preparedData.ts';
import { UploadedData } from './uploadedData.ts';

/** A copy of parameters with the measurement that goes with it. */
interface Kept {
  readonly point: Point;
  readonly parameters: ParameterSet;
}

/** The curve on validation data, and copies of the best and of the last model. */
class Record {
  readonly curve: Point[] = [];
  best: Kept | null = null;
  last: Kept | null = null;
  readonly #data: UploadedData;

  constructor(data: UploadedData) {
    this.#data = data;
  }

  /** Ties go to the earlier model, as in the coordinator. */
  add(samples: number, seconds: number, parameters: ParameterSet): void {
    const point = { samples, seconds, metrics: this.#data.measure(parameters, 'validation') };
    if (!Number.isFinite(point.metrics.loss)) {
      const expected = 'expected a finite validation loss';
      throw new NumericalError(`after ${samples} samples: ${expected}, received ${point.metrics.loss}`);
    }
    this.curve.push(point);
    const copy = () => ({ point, parameters: mapParameters((name) => parameters[name].clone()) });
    if (this.last) disposeParameters(this.last.parameters);
    this.last = copy();
    if (this.best && this.best.point.metrics.loss <= point.metrics.loss) return;
    if (this.best) disposeParameters(this.best.parameters);
    this.best = copy();
  }

  dispose(): void {
    for (const kept of [this.best, this.last]) if (kept) disposeParameters(kept.parameters);
  }
}

function trainInto(record: Record, steps: Iterable<BaselineStep>, trial: BaselineTrial): string | null {
  let [measuredAt, seconds, startMs] = [0, 0, cpuMs()];
  try {
    for (const { samplesSeen, parameters } of steps) {
      const isLast = samplesSeen >= trial.samples;
      if (samplesSeen - measuredAt >= trial.measureEvery || isLast) {
        seconds += (cpuMs() - startMs) / 1000;
        record.add(samplesSeen, seconds, parameters);
        measuredAt = samplesSeen;
        startMs = cpuMs();
      }
      if (isLast) break;
    }
    return null;
  } catch (error) {
    if (error instanceof NumericalError) return error.message;
    throw error;
  }
}

/** Trains one baseline, measures it on validation data on the way and, if asked, its best and last model on test data. */
export async function runBaseline(
  backend: Backend,
  data: PreparedData,
  trial: BaselineTrial,
): Promise<Training> {
  const { model, seed } = trial;
  const prepared = await data.prepare(trial.dataset, 1, seed);
  const { shape } = prepared.manifest;
  const network = { backend, shape, model };
  const initial = uploadParameters(drawInitialParameters(shape, model, seed), parameterShapes(shape, model));
  const uploaded = new UploadedData(network, prepared);
  const record = new Record(uploaded);
  try {
    record.add(0, 0, initial);
    const diverged = trainInto(record, trainBaseline(network, initial, uploaded.training, trial), trial);
    const measured = ({ point, parameters }: Kept) => {
      const test: Metrics | null = trial.test ? uploaded.measure(parameters, 'test') : null;
      return { samples: point.samples, validation: point.metrics, test };
    };
    const [best, last] = [record.best as Kept, record.last as Kept];
    return {
      ...{ kind: 'training', curve: record.curve, rounds: [], diverged },
      best: measured(best),
      last: measured(last),
      seconds: last.point.seconds,
    };
  } finally {
    record.dispose();
    uploaded.dispose();
    disposeParameters(initial);
  }
}
