/** What curves need of a run's history: a few numbers a round, whatever the number of shards. */
import type { RunConfig } from '../protocol/config.ts';
import type { Arrival, EvaluationRecord, RoundRecord } from '../protocol/history.ts';
import type { RunView } from './runView.ts';

/** A consensus update without its arrivals. */
export interface RoundFigures
  extends Pick<
    RoundRecord,
    'version' | 'formedAtMs' | 'residuals' | 'penalty' | 'loss' | 'accuracy' | 'samplesSeen'
  > {
  /** Contributions that were taken in. */
  readonly arrivals: number;
  /** Payload over all of them. */
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Mean over them. */
  readonly seconds: Arrival['seconds'];
  readonly staleness: { readonly mean: number; readonly max: number };
}

/** All that the curves of a run are made from. */
export interface RunFigures {
  readonly run: string;
  readonly mode: RunConfig['consensus']['mode'];
  readonly prices: RunConfig['prices'];
  readonly createdAtMs: number;
  /** By version, none twice. */
  readonly rounds: readonly RoundFigures[];
  /** By version, validation before test, none twice. */
  readonly evaluations: readonly EvaluationRecord[];
}

/** The figures of one consensus update. */
export function roundFigures({ arrivals, ...record }: RoundRecord): RoundFigures {
  const sum = (value: (arrival: Arrival) => number): number =>
    arrivals.reduce((total, arrival) => total + value(arrival), 0);
  const mean = (value: (arrival: Arrival) => number): number => sum(value) / arrivals.length;
  const { version, formedAtMs, residuals, penalty, loss, accuracy, samplesSeen } = record;
  return {
    ...{ version, formedAtMs, residuals, penalty, loss, accuracy, samplesSeen },
    arrivals: arrivals.length,
    readBytes: sum(({ transferred }) => transferred.readBytes),
    writtenBytes: sum(({ transferred }) => transferred.writtenBytes),
    seconds: {
      fetch: mean(({ seconds }) => seconds.fetch),
      solve: mean(({ seconds }) => seconds.solve),
      upload: mean(({ seconds }) => seconds.upload),
    },
    staleness: {
      mean: mean(({ staleness }) => staleness),
      max: arrivals.reduce((most, { staleness }) => Math.max(most, staleness), 0),
    },
  };
}

/** What is the same for all figures of a run. */
export function figuresHead({ config, state }: Pick<RunView, 'config' | 'state'>) {
  const { run, createdAtMs } = state;
  return { run, createdAtMs, mode: config.consensus.mode, prices: config.prices };
}

/** The figures of a run whose history was read as a whole. */
export function runFigures(view: RunView): RunFigures {
  return {
    ...figuresHead(view),
    rounds: view.rounds.map(roundFigures),
    evaluations: view.evaluations,
  };
}
